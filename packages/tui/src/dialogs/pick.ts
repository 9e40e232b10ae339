import type { KeyEvent } from "../keys/key-event.ts";
import type { LiveArea, ScreenSize } from "../terminal/live-screen.ts";
import { countText } from "../text/amounts.ts";
import { safeLine } from "../text/safe-text.ts";
import { plainText, type Span, type StyledLine } from "../text/styled-line.ts";
import { cutLine, lineWidth, wrapLine } from "../text/wrap.ts";
import { type Dialog, type DialogStep, type PlainForm, SETTLING } from "./dialog.ts";

/** One thing to choose. */
export interface Choice<T> {
  readonly label: string;
  readonly hint: string;
  /** The hint must be read before it is taken: where it does not fit behind the label, it stands below it, whole. */
  readonly showsAll?: boolean;
  /** A key that chooses it at once. */
  readonly key?: string;
  readonly value: T;
}

export interface PickOptions<T> {
  readonly title: string;
  /** Lines above the choices that say what is chosen about. */
  readonly about?: readonly StyledLine[];
  readonly choices: readonly Choice<T>[];
  /** Typing narrows the list; not to be used with keys of their own. */
  readonly isSearchable?: boolean;
  /** Which choice stands first. */
  readonly chosen?: number;
}

/** Choices that are read out at once. */
const MOST_PLAIN = 30;

/** A list to choose from with the arrows, a key of the choice, or its number. Esc gives null. */
export function pickDialog<T>(options: PickOptions<T>): Dialog<T | null> {
  return new Pick(options, options.chosen ?? 0, "");
}

class Pick<T> implements Dialog<T | null> {
  readonly #options: PickOptions<T>;
  readonly #chosen: number;
  readonly #query: string;

  constructor(options: PickOptions<T>, chosen: number, query: string) {
    this.#options = options;
    this.#chosen = chosen;
    this.#query = query;
  }

  render({ columns, rows }: ScreenSize, isSettling = false): LiveArea {
    const { title, about = [], isSearchable } = this.#options;
    const wrapped = about.flatMap((line) => wrapLine(line, columns));
    const search: StyledLine[] = isSearchable
      ? [{ spans: [{ text: "› ", ink: "accent" }, { text: this.#query }] }]
      : [];
    const footer: StyledLine = {
      spans: [{ text: isSettling ? SETTLING : this.#footer(), ink: "muted" }],
    };
    const room = Math.max(3, rows - search.length - 4);
    const wanted = Math.min(this.#list(columns, room).length, isSearchable ? 8 : room);
    const shownAbout = beginning(wrapped, Math.max(room - wanted, Math.floor(room / 2)));
    const list = this.#list(columns, Math.max(1, room - shownAbout.length));
    const head: StyledLine = { spans: [{ text: title, bold: true }] };
    const lines = [head, ...shownAbout, ...search, ...list, footer].map((line) => cutLine(line, columns));
    const cursor = isSearchable ? { row: 1 + shownAbout.length, column: 2 + this.#query.length } : null;
    return { lines, cursor };
  }

  press(event: KeyEvent): DialogStep<T | null> {
    if (event.type === "text" || event.type === "paste") return this.#typed(safeLine(event.text));
    if (event.type !== "key") return this.#open();
    const { key } = event;
    const count = Math.max(1, this.#matching().length);
    if (typeof key !== "string") {
      return event.ctrl && (key.char === "c" || key.char === "d") ? done(null) : this.#open();
    }
    switch (key) {
      case "up":
        return this.#open((this.#chosen + count - 1) % count);
      case "down":
      case "tab":
        return this.#open((this.#chosen + 1) % count);
      case "pageUp":
        return this.#open(Math.max(0, this.#chosen - 10));
      case "pageDown":
        return this.#open(Math.min(count - 1, this.#chosen + 10));
      case "enter":
        return this.#take(this.#chosen);
      case "escape":
        return done(null);
      case "backspace":
        return this.#open(0, this.#query.slice(0, -1));
      default:
        return this.#open();
    }
  }

  plain(): PlainForm<T | null> {
    const { title, about = [], isSearchable } = this.#options;
    const matching = this.#matching();
    const shown = matching.slice(0, MOST_PLAIN);
    const numbered = shown.map(
      ({ label, hint }, at) => `${at + 1}. ${safeLine(label)}${hint ? `: ${safeLine(hint)}` : ""}`,
    );
    const hidden = matching.length - shown.length;
    return {
      lines: [
        title,
        ...about.map(plainText).filter((line) => line.trim() !== ""),
        ...numbered,
        ...(hidden > 0 ? [`and ${hidden} more`] : []),
        `Type a number${isSearchable ? ", or words to look for" : ""}; an empty line cancels.`,
      ],
      answer: (line) => this.#answer(line.trim(), shown),
    };
  }

  #answer(line: string, shown: readonly Choice<T>[]): DialogStep<T | null> {
    if (line === "") return done(null);
    const choice = shown[Number(line) - 1] ?? this.#options.choices.find(({ key }) => key === line);
    if (choice !== undefined) return done(choice.value);
    return this.#options.isSearchable ? this.#open(0, safeLine(line)) : this.#open();
  }

  #typed(text: string): DialogStep<T | null> {
    if (this.#options.isSearchable) return this.#open(0, this.#query + text);
    const byKey = this.#options.choices.findIndex((choice) => choice.key === text);
    if (byKey !== -1) return this.#take(byKey);
    const number = /^[1-9]$/.test(text) ? Number(text) - 1 : -1;
    return number >= 0 && number < this.#options.choices.length ? this.#take(number) : this.#open();
  }

  #take(at: number): DialogStep<T | null> {
    const choice = this.#matching()[at];
    return choice === undefined ? this.#open() : done(choice.value);
  }

  #open(chosen = this.#chosen, query = this.#query): DialogStep<T | null> {
    return { kind: "open", dialog: new Pick(this.#options, chosen, query) };
  }

  #matching(): readonly Choice<T>[] {
    const words = this.#query.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return this.#options.choices;
    return this.#options.choices.filter(({ label, hint }) => {
      const text = `${label} ${hint}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  /** As many choices as there are rows for, the chosen one among them. */
  #list(columns: number, rows: number): StyledLine[] {
    const matching = this.#matching();
    if (matching.length === 0) return [{ spans: [{ text: "  nothing matches", ink: "muted" }] }];
    const before = matching.slice(Math.max(0, this.#chosen - rows + 1), this.#chosen + 1);
    const shown = [...before, ...matching.slice(this.#chosen + 1, this.#chosen + 1 + rows)];
    const widest = Math.min(
      Math.floor(columns / 2),
      Math.max(...shown.map(({ label }) => safeLine(label).length)),
    );
    const blocks = shown.map((choice, at) => {
      const line = choiceLine(choice, at === before.length - 1, widest);
      const fits = !choice.showsAll || lineWidth(line) <= columns;
      return fits ? [line] : tallChoice(choice, at === before.length - 1, columns);
    });
    let first = 0;
    while (first < before.length - 1 && blocks.slice(first, before.length).flat().length > rows) first += 1;
    return blocks.slice(first).flat().slice(0, rows);
  }

  #footer(): string {
    const { length } = this.#matching();
    const count = this.#options.isSearchable ? `${length} · type to search · ` : "";
    return `${count}↑↓ choose · Enter take · Esc cancel`;
  }
}

function choiceLine<T>({ label, hint, key }: Choice<T>, isChosen: boolean, widest: number): StyledLine {
  const sign: Span = { text: isChosen ? "▸ " : "  ", ink: "accent" };
  const short: Span[] = key === undefined ? [] : [{ text: `${key} `, ink: "accent", bold: true }];
  const name: Span = { text: safeLine(label).padEnd(widest), ...(isChosen ? { bold: true } : {}) };
  return { spans: [sign, ...short, name, { text: hint === "" ? "" : `  ${safeLine(hint)}`, ink: "muted" }] };
}

/** The first rows; where that is not all, the last one says so. */
function beginning(rows: readonly StyledLine[], most: number): readonly StyledLine[] {
  if (rows.length <= most) return rows;
  const shown = rows.slice(0, Math.max(0, most - 1));
  const words = `  … ${countText(rows.length - shown.length, "more row")}: too many for this screen`;
  return [...shown, { spans: [{ text: words, ink: "warn" }] }];
}

/** Its hint below its label. */
function tallChoice<T>(choice: Choice<T>, isChosen: boolean, columns: number): StyledLine[] {
  const name = choiceLine({ ...choice, hint: "" }, isChosen, 0);
  const hint: StyledLine = {
    spans: [{ text: "      " }, { text: safeLine(choice.hint), ink: "muted" }],
    hanging: [{ text: "      " }],
  };
  return [...wrapLine(name, columns), ...wrapLine(hint, columns)];
}

function done<T>(value: T | null): DialogStep<T | null> {
  return { kind: "done", value };
}
