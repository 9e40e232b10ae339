export interface LineReaderOptions {
  maxBytes: number;
  onLine: (line: string) => void;
  /** A line was longer than `maxBytes`; told once for each, when the limit is passed. */
  onOversized: () => void;
}

/**
 * Cuts a stream of bytes into lines. A line that grows too long is thrown away as it comes, so memory stays bounded and
 * the lines behind it are read.
 */
export class LineReader {
  #parts: Buffer[] = [];
  #bytes = 0;
  #skipping = false;
  readonly #options: LineReaderOptions;

  constructor(options: LineReaderOptions) {
    this.#options = options;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(10, start);
      if (newline === -1) {
        this.#add(chunk.subarray(start));
        return;
      }
      this.#add(chunk.subarray(start, newline));
      this.#endLine();
      start = newline + 1;
    }
  }

  /** The stream is over; a last line without its newline counts. */
  end(): void {
    this.#endLine();
  }

  #add(part: Buffer): void {
    if (this.#skipping || part.length === 0) return;
    if (this.#bytes + part.length > this.#options.maxBytes) {
      this.#skipping = true;
      this.#parts = [];
      this.#bytes = 0;
      this.#options.onOversized();
      return;
    }
    this.#parts.push(part);
    this.#bytes += part.length;
  }

  #endLine(): void {
    const [only, ...more] = this.#parts;
    const line =
      only === undefined ? "" : (more.length === 0 ? only : Buffer.concat(this.#parts)).toString("utf8");
    this.#parts = [];
    this.#bytes = 0;
    this.#skipping = false;
    if (line.trim() !== "") this.#options.onLine(line);
  }
}
