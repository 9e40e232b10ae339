/** Maps the values of a record. The result has no prototype: a lookup of `constructor` finds nothing. */
export function mapRecord<V, W>(
  record: Readonly<Record<string, V>> | undefined,
  map: (value: V, key: string) => W,
): Record<string, W> {
  const mapped: Record<string, W> = Object.create(null);
  for (const [key, value] of Object.entries(record ?? {})) mapped[key] = map(value, key);
  return mapped;
}

/** A copy of a record, without a prototype. */
export function copyRecord<V>(record: Readonly<Record<string, V>> | undefined): Record<string, V> {
  return mapRecord(record, (value) => value);
}
