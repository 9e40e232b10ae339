import { type TextFile, toFileCharacters, toReadableText } from "./text-file.ts";
import { normalisePunctuation, trim, trimEnd } from "./whitespace.ts";

/**
 * How strictly lines were compared, in the order tried: byte for byte; white space at line ends ignored; white
 * space at both ends ignored; typographic dashes, quotes and spaces read as ASCII as well.
 */
export type MatchStep = "exact" | "trim_end" | "trim" | "punctuation";

const STEPS: readonly MatchStep[] = ["exact", "trim_end", "trim", "punctuation"];
const LOOSEN: Record<Exclude<MatchStep, "exact">, (text: string) => string> = {
  trim_end: trimEnd,
  trim,
  punctuation: normalisePunctuation,
};

export interface Match {
  /** 0-based line. */
  readonly start: number;
  readonly step: MatchStep;
}

/** Finds runs of lines in one file. Keeps what it learns, so that many searches in a big file stay cheap. */
export class LineMatcher {
  readonly file: TextFile;
  readonly #views = new Map<MatchStep, StepView>();

  constructor(file: TextFile) {
    this.file = file;
  }

  /** The first run at or after line `from`; with `atEnd` only the last lines of the file will do. */
  find(pattern: readonly string[], from: number, options?: { readonly atEnd?: boolean }): Match | undefined {
    const last = this.file.lines.length - pattern.length;
    if (last < from) return undefined;
    for (const step of STEPS) {
      const view = this.#view(step);
      const keys = pattern.map((line) => this.#patternKey(step, line));
      const start = options?.atEnd === true ? view.findAt(keys, last) : view.find(keys, from);
      if (start !== undefined) return { start, step };
    }
    return undefined;
  }

  /** Whether the run begins at exactly this line. */
  findAt(pattern: readonly string[], line: number): Match | undefined {
    for (const step of STEPS) {
      const keys = pattern.map((text) => this.#patternKey(step, text));
      if (this.#view(step).findAt(keys, line) !== undefined) return { start: line, step };
    }
    return undefined;
  }

  #patternKey(step: MatchStep, line: string): string {
    return step === "exact" ? toFileCharacters(this.file, line) : LOOSEN[step](line);
  }

  #view(step: MatchStep): StepView {
    const known = this.#views.get(step);
    if (known !== undefined) return known;
    const { file } = this;
    const keys =
      step === "exact" ? file.lines : file.lines.map((line) => LOOSEN[step](toReadableText(file, line)));
    const view = new StepView(keys);
    this.#views.set(step, view);
    return view;
  }
}

/** The lines of a file as they are compared in one step. */
class StepView {
  readonly #keys: readonly string[];
  /** Lines that may still be compared one by one before an index pays for itself. */
  #scansLeft: number;
  #index: LineIndex | undefined;

  constructor(keys: readonly string[]) {
    this.#keys = keys;
    this.#scansLeft = keys.length * 3;
  }

  find(pattern: readonly string[], from: number): number | undefined {
    const last = this.#keys.length - pattern.length;
    const first = pattern[0];
    let line = from;
    for (; line <= last && this.#scansLeft > 0; line += 1) {
      this.#scansLeft -= 1;
      if (this.#keys[line] !== first) continue;
      this.#scansLeft -= pattern.length;
      if (this.findAt(pattern, line) !== undefined) return line;
    }
    if (line > last) return undefined;
    this.#index ??= new LineIndex(this.#keys);
    return this.#index.find(pattern, line);
  }

  findAt(pattern: readonly string[], line: number): number | undefined {
    if (line < 0) return undefined;
    return pattern.every((key, offset) => this.#keys[line + offset] === key) ? line : undefined;
  }
}

/** Where each distinct line occurs; a search starts from the rarest line of the pattern. */
class LineIndex {
  readonly #numbers = new Map<string, number>();
  readonly #lines: Int32Array;
  /** The lines of number n are positions[offsets[n] .. offsets[n + 1]), ascending. */
  readonly #offsets: Int32Array;
  readonly #positions: Int32Array;

  constructor(keys: readonly string[]) {
    this.#lines = Int32Array.from(keys, (key) => {
      const known = this.#numbers.get(key) ?? this.#numbers.size;
      this.#numbers.set(key, known);
      return known;
    });
    this.#offsets = new Int32Array(this.#numbers.size + 1);
    for (const number of this.#lines) this.#offsets[number + 1] = at(this.#offsets, number + 1) + 1;
    for (let n = 1; n < this.#offsets.length; n += 1) {
      this.#offsets[n] = at(this.#offsets, n) + at(this.#offsets, n - 1);
    }
    this.#positions = new Int32Array(keys.length);
    const next = this.#offsets.slice();
    this.#lines.forEach((number, line) => {
      const slot = at(next, number);
      this.#positions[slot] = line;
      next[number] = slot + 1;
    });
  }

  find(pattern: readonly string[], from: number): number | undefined {
    const wanted = new Int32Array(pattern.length);
    let rarest = 0;
    for (const [offset, key] of pattern.entries()) {
      const number = this.#numbers.get(key);
      if (number === undefined) return undefined;
      wanted[offset] = number;
      if (this.#count(number) < this.#count(at(wanted, rarest))) rarest = offset;
    }
    const number = at(wanted, rarest);
    const end = at(this.#offsets, number + 1);
    for (let slot = this.#firstSlot(number, from + rarest); slot < end; slot += 1) {
      const start = at(this.#positions, slot) - rarest;
      if (wanted.every((value, offset) => this.#lines[start + offset] === value)) return start;
    }
    return undefined;
  }

  #count(number: number): number {
    return at(this.#offsets, number + 1) - at(this.#offsets, number);
  }

  #firstSlot(number: number, from: number): number {
    let low = at(this.#offsets, number);
    let high = at(this.#offsets, number + 1);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(this.#positions, middle) < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** An element of a typed array that is known to be there. */
function at(array: Int32Array, index: number): number {
  return array[index] ?? 0;
}
