/** Fields that are about one connection and go no further. */
const HOP_BY_HOP = new Set([
  "connection",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export type HeaderField = readonly [name: string, value: string];

/** Raw headers as Node gives them, in pairs. */
export function headerFields(raw: readonly string[]): HeaderField[] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ""] as const] : []));
}

/** The fields that may be passed on: without those about the connection, also where `Connection` names them. */
export function endToEndFields(raw: readonly string[]): HeaderField[] {
  const fields = headerFields(raw);
  const named = fieldValues(fields, "connection").flatMap((value) =>
    value.split(",").map((name) => name.trim().toLowerCase()),
  );
  return fields.filter(([name]) => {
    const lower = name.toLowerCase();
    return !HOP_BY_HOP.has(lower) && (!named.includes(lower) || lower === "content-length");
  });
}

/** All values of one field. */
export function fieldValues(fields: readonly HeaderField[], wanted: string): string[] {
  return fields.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []));
}
