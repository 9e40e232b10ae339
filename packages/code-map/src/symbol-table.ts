import type { CodeFile } from "./listing.ts";
import type { ReadPool } from "./read-pool.ts";
import { MOST_KEPT_FILES, readSymbols, writeSymbols } from "./symbol-store.ts";
import type { CodeSymbol } from "./symbols.ts";

/** The declarations of files that were shown; kept in `file`, null keeps nothing. */
export class SymbolTable {
  readonly #file: string | null;
  readonly #pool: ReadPool;
  #known: Map<string, readonly CodeSymbol[]> | null = null;
  #isKept = true;

  constructor(file: string | null, pool: ReadPool) {
    this.#file = file;
    this.#pool = pool;
  }

  /** The declarations by the files' paths. Rejects when the signal fires. */
  async of(
    files: readonly CodeFile[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly CodeSymbol[]>> {
    this.#known ??= this.#file === null ? new Map() : readSymbols(this.#file);
    const known = this.#known;
    const missing = files.filter(({ key }) => !known.has(key));
    // Files of one language beside each other: then hardly any grammar is loaded in more than one thread.
    missing.sort((a, b) => (a.language < b.language ? -1 : a.language > b.language ? 1 : 0));
    // What was read before the signal fires is worth keeping too.
    if (missing.length > 0) this.#isKept = false;
    await this.#pool.read("symbols", missing, ({ key }, symbols) => known.set(key, symbols ?? []), signal);
    signal.throwIfAborted();
    const found = new Map<string, readonly CodeSymbol[]>();
    for (const { path, key } of files) {
      const symbols = known.get(key) ?? [];
      found.set(path, symbols);
      // What was asked for last is forgotten last.
      known.delete(key);
      known.set(key, symbols);
    }
    for (const key of known.keys()) {
      if (known.size <= MOST_KEPT_FILES) break;
      known.delete(key);
    }
    return found;
  }

  /** Writes down what was read. */
  keep(): void {
    if (this.#isKept || this.#known === null || this.#file === null) return;
    this.#isKept = true;
    writeSymbols(this.#file, this.#known);
  }
}
