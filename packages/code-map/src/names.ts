/**
 * Names as 32-bit numbers (FNV-1a over their bytes). Two names that share a number are taken for one; among a hundred
 * thousand names that happens to one or two, which moves a file by a place.
 */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  const bytes = Buffer.from(name);
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Shorter names are everywhere and tell nothing. */
export const SHORTEST_NAME = 3;
/** Words such as `text` or `list` occur everywhere without meaning the declaration; these are more likely to mean it. */
export function isDistinctive(name: string): boolean {
  return name.length >= 8 || /[a-z0-9][A-Z]|[A-Z][a-z]|_|\$/.test(name);
}

/** Different names that are kept of one file. */
const MOST_NAMES = 2000;
const SLOTS = 8192;

const KIND = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  if (byte >= 48 && byte <= 57) KIND[byte] = 1;
  else if (byte >= 128 || byte === 36 || /[A-Za-z_]/.test(String.fromCharCode(byte))) KIND[byte] = 2;
}

/** Collects the names that occur in files: every word that could be an identifier in most languages. */
export function createNameScanner(): (bytes: Uint8Array) => Uint32Array {
  const seen = new Uint32Array(SLOTS);
  const stamps = new Uint32Array(SLOTS);
  let stamp = 0;
  return (bytes) => {
    stamp++;
    const found: number[] = [];
    const { length } = bytes;
    for (let at = 0; at < length && found.length < MOST_NAMES; ) {
      const kind = KIND[bytes[at] ?? 0] ?? 0;
      if (kind === 0) {
        at++;
        continue;
      }
      const start = at;
      let hash = 0x811c9dc5;
      while (at < length && KIND[bytes[at] ?? 0] !== 0)
        hash = Math.imul(hash ^ (bytes[at++] ?? 0), 0x01000193);
      if (kind !== 2 || at - start < SHORTEST_NAME) continue;
      hash >>>= 0;
      let slot = hash & (SLOTS - 1);
      while (stamps[slot] === stamp && seen[slot] !== hash) slot = (slot + 1) & (SLOTS - 1);
      if (stamps[slot] === stamp) continue;
      stamps[slot] = stamp;
      seen[slot] = hash;
      found.push(hash);
    }
    return Uint32Array.from(found);
  };
}
