import type { Language } from "./languages.ts";
import { hashName, isDistinctive, SHORTEST_NAME } from "./names.ts";
import { DEEPEST, MOST_SYMBOLS } from "./symbols.ts";

/** Where declarations may stand: the file, or what was opened in it. */
interface Level {
  /** Columns before the line that opened it. */
  indent: number;
  /** Columns before the declarations in it: the least that was seen. */
  members: number;
  /** How many named levels it is in. */
  depth: number;
  hasMethods: boolean;
  shown: boolean;
  isList: boolean;
}

/** What a declaration opens. */
export interface Opened {
  hasMethods: boolean;
  /** Every first word is a name: `var (` in Go. */
  isList: boolean;
}

/** What is said of a declaration on its line. */
export interface Marks {
  shows: boolean;
  hides: boolean;
}

interface Guess {
  name: number;
  isTop: boolean;
  shown: boolean;
}

/** The names that a file seems to declare, found line by line: how far a line is indented says what it belongs to. */
export class GuessedNames {
  readonly #exports: Language["exports"];
  readonly #levels: Level[] = [
    { indent: -1, members: 0, depth: 0, hasMethods: false, shown: false, isList: false },
  ];
  readonly #guesses: Guess[] = [];
  #indent = 0;

  constructor(exports: Language["exports"]) {
    this.#exports = exports;
  }

  /** The level whose declarations stand as far in as this line; null where it is the inside of one. */
  startLine(indent: number): Opened | null {
    this.#indent = indent;
    while (this.#top().indent >= indent) this.#levels.pop();
    const level = this.#top();
    if (indent < level.members) level.members = indent;
    return indent === level.members ? level : null;
  }

  /** What is further in than this line belongs to it. Without a name (`impl`, `if`) it stands where this line stands. */
  open(opened: Opened, named: { shown: boolean } | null): void {
    if (this.#levels.length >= DEEPEST) return;
    const { depth, shown } = this.#top();
    this.#levels.push({
      ...opened,
      indent: this.#indent,
      members: Number.POSITIVE_INFINITY,
      depth: named === null ? depth : depth + 1,
      shown: named?.shown ?? shown,
    });
  }

  /** Whether others may use it, as far as its line says. */
  declare(name: string, { shows, hides }: Marks): { shown: boolean } {
    const { depth } = this.#top();
    const shown = this.#isShown(name, shows, hides);
    const isTop = depth === 0 && isDistinctive(name);
    const tells = name.length >= SHORTEST_NAME && (depth === 0 || isDistinctive(name));
    if (tells && this.#guesses.length < MOST_SYMBOLS) {
      this.#guesses.push({ name: hashName(name), isTop, shown });
    }
    return { shown };
  }

  /** `isListed`: exported by a list of names, or as CommonJS does it; then a file that marks nothing shows everything. */
  finish(isListed: boolean): { top: Set<number>; inner: Set<number> } {
    const all = this.#exports === "marked" && isListed && !this.#guesses.some(({ shown }) => shown);
    const top = new Set<number>();
    const inner = new Set<number>();
    for (const { name, isTop, shown } of this.#guesses) if (shown || all) (isTop ? top : inner).add(name);
    return { top, inner };
  }

  #isShown(name: string, shows: boolean, hides: boolean): boolean {
    switch (this.#exports) {
      case "marked":
        return !hides && (shows || this.#top().shown);
      case "capital":
        return /^(?:[A-Z]|[^\0-\x7f])/.test(name);
      case "pub":
        return shows;
      case "underscore":
        return !name.startsWith("_");
      case "not-private":
        return shows || !hides;
      case "all":
        return true;
    }
  }

  #top(): Level {
    const level = this.#levels.at(-1);
    if (level === undefined) throw new Error("the level of the file was ended");
    return level;
  }
}
