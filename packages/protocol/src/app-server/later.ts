/**
 * A schema that is made when it is first looked at. A process that only works on one turn uses a few of the protocol's
 * schemas, and making them all costs it ten milliseconds; this stands for one at the price of an empty object.
 */
export function later<T extends object>(make: () => T): T {
  let made: T | null = null;
  const real = (): T => {
    made ??= make();
    return made;
  };
  const standIn = new Proxy(Object.create(null), {
    get: (_target, key) => Reflect.get(real(), key),
    has: (_target, key) => Reflect.has(real(), key),
  });
  // It answers every question as the schema itself would.
  return standIn as T;
}
