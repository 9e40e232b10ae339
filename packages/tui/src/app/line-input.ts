/** Longer than anything that is written or pasted as one line; what goes on is cut into pieces. */
const LONGEST_LINE = 1024 * 1024;

/** Turns bytes of the input into lines. A backslash at the end of a line goes on in the next one. */
export class LineInput {
  readonly #utf8 = new TextDecoder("utf-8");
  #open = "";
  #continued = "";
  #afterReturn = false;

  /** `onLine` gets each line without its end. */
  take(bytes: Uint8Array, onLine: (line: string) => void): void {
    for (const character of this.#utf8.decode(bytes, { stream: true })) this.#takeOne(character, onLine);
  }

  /** What stands there without a line end, when the input has ended. */
  end(onLine: (line: string) => void): void {
    if (this.#continued + this.#open !== "") this.#finish(onLine);
  }

  #takeOne(character: string, onLine: (line: string) => void): void {
    const follows = this.#afterReturn && character === "\n";
    this.#afterReturn = character === "\r";
    if (follows) return;
    if (character === "\r" || character === "\n") {
      if (this.#open.endsWith("\\")) {
        this.#continued += `${this.#open.slice(0, -1)}\n`;
        this.#open = "";
      } else this.#finish(onLine);
    } else if (character === "\x7f" || character === "\b") {
      // Only where keys come one by one, as for a secret: otherwise the terminal does it.
      this.#open = [...this.#open].slice(0, -1).join("");
    } else {
      this.#open += character;
      if (this.#open.length >= LONGEST_LINE) this.#finish(onLine);
    }
  }

  #finish(onLine: (line: string) => void): void {
    const line = this.#continued + this.#open;
    this.#open = "";
    this.#continued = "";
    onLine(line);
  }
}
