import fs from "node:fs";
import { readFacts, writeFacts } from "./fact-store.ts";
import { type FileFacts, factsWithoutNames } from "./file-facts.ts";
import type { CodeFile } from "./listing.ts";
import type { ReadPool } from "./read-pool.ts";

/** Facts of contents that are gone are forgotten when they are more than those that are there, and these many. */
const MOST_SPARE = 1000;

/** What is known of the contents of files; kept in `file`, null keeps nothing. */
export class FactTable {
  readonly #file: string | null;
  readonly #pool: ReadPool;
  #known: Map<string, FileFacts> | null = null;
  #isKept = true;

  constructor(file: string | null, pool: ReadPool) {
    this.#file = file;
    this.#pool = pool;
  }

  /** Whether all files will have to be read. */
  isEmpty(): boolean {
    return this.#known === null && (this.#file === null || !fs.existsSync(this.#file));
  }

  /** The facts by the files' keys, read where nobody knows them yet. Rejects when the signal fires. */
  async of(files: readonly CodeFile[], signal: AbortSignal): Promise<ReadonlyMap<string, FileFacts>> {
    this.#known ??= this.#file === null ? new Map() : readFacts(this.#file);
    const known = this.#known;
    const missing = files.filter(({ key }) => !known.has(key));
    if (missing.length === 0) return known;
    this.#isKept = false;
    await this.#pool.read(
      "facts",
      missing,
      ({ key }, facts) => known.set(key, facts ?? factsWithoutNames(null)),
      signal,
    );
    signal.throwIfAborted();
    return known;
  }

  /** Writes down what was read. `current`: the files that there are. */
  keep(current: readonly CodeFile[]): void {
    if (this.#isKept || this.#known === null || this.#file === null) return;
    this.#isKept = true;
    if (this.#known.size > current.length * 2 + MOST_SPARE) {
      const wanted = new Set(current.map(({ key }) => key));
      this.#known = new Map([...this.#known].filter(([key]) => wanted.has(key)));
    }
    writeFacts(this.#file, this.#known);
  }
}
