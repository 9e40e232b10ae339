import type { UsageSum } from "./usage-row.ts";

/**
 * A line in the very form in which our writers write them. Such a line needs no JSON parser: one pattern checks all of it
 * and finds what sums are made of. Whatever differs in anything (an escape in a name, other fields, another order, another
 * version) does not match and is parsed as JSON. Names cannot imitate fields, because a quote inside a name is escaped.
 */
const NAME = '"[^"\\\\\\x00-\\x1f]*"';
const COUNT = "(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?";
const or = (pattern: string) => `(?:null|${pattern})`;
const KNOWN_LINE = new RegExp(
  [
    `\\{"v":1,"id":${NAME},"at":"([0-9T:.Z-]{20,30})","thread":(${NAME}),"turn":${NAME},`,
    `("project":${NAME},"provider":${NAME},"model":${NAME}(?:,"effort":${or(NAME)})?,`,
    `"purpose":${NAME},"agent":${NAME},"tool":${or(NAME)}),"attempt":${COUNT},"failed":(null|${NAME}),`,
    `"usage":${or(`\\{"in":(${COUNT}),"cached":(${COUNT}),"written":(${COUNT}),"out":(${COUNT}),"reasoning":(${COUNT})\\}`)},`,
    `"price":${or(`\\{"in":${or(COUNT)},"cached":${or(COUNT)},"written":${or(COUNT)},"out":${or(COUNT)},"as_of":${NAME},"source":${NAME}\\}`)},`,
    `"cost":(null|\\{"usd":(${COUNT})\\}|\\{"unknown":${NAME}\\})(?:,"at_most":(${COUNT}))?`,
    `(?:,"estimate":\\{"in":(${COUNT}),"cached":${COUNT},"usd":${or(COUNT)}\\})?\\}\\n`,
  ].join(""),
  "y",
);

/** What the pattern finds of one line. Names are as they stand there, quotes included. */
export interface KnownLine {
  readonly at: string;
  readonly thread: string;
  /** The fields from `project` to `tool`; alike lines have them alike. */
  readonly names: string;
  readonly found: RegExpExecArray;
  /** Where the next line begins. */
  readonly next: number;
}

/** Reads the line that begins at `from`; null where it has another form. */
export function matchKnownLine(text: string, from: number): KnownLine | null {
  KNOWN_LINE.lastIndex = from;
  const found = KNOWN_LINE.exec(text);
  if (found === null) return null;
  const [, at = "", thread = "", names = ""] = found;
  return { at, thread, names, found, next: KNOWN_LINE.lastIndex };
}

/** What `addEntry` does for a parsed entry. */
export function addKnownLine(sum: UsageSum, { found }: KnownLine): void {
  sum.requests += 1;
  if (found[4] !== "null") sum.failed += 1;
  const cost = found[10];
  if (found[5] !== undefined) {
    sum.in += Number(found[5]);
    sum.cached += Number(found[6]);
    sum.written += Number(found[7]);
    sum.out += Number(found[8]);
    sum.reasoning += Number(found[9]);
  } else if (cost !== "null") {
    sum.uncounted += 1;
    sum.uncountedIn += Number(found[13] ?? 0);
  }
  if (cost === "null") return;
  if (found[11] !== undefined) sum.usd += Number(found[11]);
  else {
    sum.unpriced += 1;
    sum.atMostUsd += Number(found[12] ?? 0);
  }
}
