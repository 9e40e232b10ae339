/**
 * Names as 32-bit numbers (FNV-1a over their bytes). Two names that share a number are taken for one; among a hundred
 * thousand names that happens to one or two, which moves a file by a place.
 */
export function hashName(name: string): number {
  let hash = FIRST_HASH;
  for (const byte of Buffer.from(name)) hash = nextHash(hash, byte);
  return hash >>> 0;
}

/** What the hash of a name begins with; `nextHash` adds a byte, and `>>> 0` makes the number of it. */
export const FIRST_HASH = 0x811c9dc5;
export const nextHash = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);

/** Shorter names are everywhere and tell nothing. */
export const SHORTEST_NAME = 3;
/** Words such as `text` or `list` occur everywhere without meaning the declaration; these are more likely to mean it. */
export function isDistinctive(name: string): boolean {
  return name.length >= 8 || /[a-z0-9][A-Z]|[A-Z][a-z]|_|\$/.test(name);
}

/** By byte: 2 may begin a name, 1 may stand in one. Bytes beyond ASCII are taken for letters. */
export const NAME_BYTE = new Uint8Array(256).map((_, byte) => {
  if (byte >= 48 && byte <= 57) return 1;
  return byte >= 128 || byte === 36 || /[A-Za-z_]/.test(String.fromCharCode(byte)) ? 2 : 0;
});

/** Different names that are kept of one file. */
const MOST_NAMES = 2000;
/** A power of two, far more than `MOST_NAMES`. */
const SLOTS = 8192;

/** The different names of one file after the other, by their numbers. Beyond a limit no more are taken. */
export class NameSet {
  readonly #seen = new Uint32Array(SLOTS);
  readonly #stamps = new Uint32Array(SLOTS);
  readonly #found = new Uint32Array(MOST_NAMES);
  #stamp = 0;
  #count = 0;

  clear(): void {
    this.#stamp++;
    this.#count = 0;
  }

  add(name: number): void {
    const slot = this.#slotOf(name);
    if (this.#stamps[slot] === this.#stamp || this.#count === MOST_NAMES) return;
    this.#stamps[slot] = this.#stamp;
    this.#seen[slot] = name;
    this.#found[this.#count++] = name;
  }

  has(name: number): boolean {
    return this.#stamps[this.#slotOf(name)] === this.#stamp;
  }

  /** In the order in which they were first seen; good until the next `clear`. */
  all(): Uint32Array {
    return this.#found.subarray(0, this.#count);
  }

  #slotOf(name: number): number {
    let slot = name & (SLOTS - 1);
    while (this.#stamps[slot] === this.#stamp && this.#seen[slot] !== name) slot = (slot + 1) & (SLOTS - 1);
    return slot;
  }
}
