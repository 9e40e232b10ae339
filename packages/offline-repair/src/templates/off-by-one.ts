import { endsValue, isBinary, opensCall, precedenceOf, primaryStartingAt } from "../source/expressions.ts";
import { textAt } from "../source/unit.ts";
import type { Proposal, Site } from "./template.ts";

const OPENERS = new Set(["(", "[", ",", ":", "=", "return", "+=", "-=", "in", "yield", "=>", "?"]);
const LOW = "the value is one too low";
const HIGH = "the value is one too high";

/** Adds one to or takes one from a value that decides a position, a bound or a count; drops a `± 1` that is there. */
export function* offByOne(site: Site): Iterable<Proposal> {
  yield* dropped(site);
  yield* added(site);
  yield* rangeStart(site);
}

function* added(site: Site): Iterable<Proposal> {
  const { unit, index } = site;
  const before = textAt(unit, index - 1);
  const opens = OPENERS.has(before) || (precedenceOf(before) !== undefined && isBinary(unit, index - 1));
  if (!opens) return;
  const head = unit.tokens[index];
  if (head === undefined || (head.kind !== "name" && head.text !== "(")) return;
  const span = primaryStartingAt(unit, index);
  if (span === null) return;
  const after = textAt(unit, span.last + 1);
  const prior = worth(site, before, after, span.last);
  if (prior === 0) return;
  const end = unit.tokens[span.last]?.end ?? 0;
  yield { template: "off-by-one", start: end, end, text: " + 1", prior, why: LOW };
  yield { template: "off-by-one", start: end, end, text: " - 1", prior, why: HIGH };
}

/** How likely a value at this place is a count: indexes and bounds first, then comparisons, then the rest. */
function worth({ unit, index }: Site, before: string, after: string, last: number): number {
  if (after === "=" || after === "=>" || after === "in" || after === "of" || after === "+=" || after === "-=")
    return 0;
  if (before === "," && after === "=") return 0;
  const open = enclosing(unit, index);
  const bracket = textAt(unit, open);
  if (bracket === "[" && endsValue(unit, open - 1)) return before === "[" || before === ":" ? 0.5 : 0.25;
  if (bracket === "(" && textAt(unit, open - 1) === "range")
    return before === "(" || before === "," ? 0.6 : 0.2;
  if (["<", "<=", ">", ">=", "==", "!=", "===", "!=="].includes(before)) return 0.35;
  if (["<", "<=", ">", ">=", "==", "!=", "===", "!=="].includes(after)) return 0.15;
  if (before === "return") return ["", ";"].includes(after) || nextLine(unit, last) ? 0.4 : 0.12;
  if (before === "=" || before === "+=" || before === "-=") return nextLine(unit, last) ? 0.3 : 0.08;
  if ((before === "(" || before === ",") && opensCall(unit, open)) return 0.2;
  if (before === "+" || before === "-") return 0.12;
  return before === "(" || before === "," ? 0.08 : 0.05;
}

function nextLine(unit: Site["unit"], last: number): boolean {
  return unit.tokens[last]?.line !== unit.tokens[last + 1]?.line || textAt(unit, last + 1) === ";";
}

/** Index of the bracket that is open at a token, -1 at the top. */
export function enclosing(unit: Site["unit"], index: number): number {
  for (let at = index - 1; at >= 0 && at > index - 400; at--) {
    const partner = unit.partner[at] ?? -1;
    if (partner > at) return at;
    if (partner >= 0) at = partner;
  }
  return -1;
}

function* dropped({ unit, index }: Site): Iterable<Proposal> {
  const sign = textAt(unit, index);
  const number = unit.tokens[index + 1];
  if ((sign !== "+" && sign !== "-") || number?.kind !== "number" || !isBinary(unit, index)) return;
  const start = unit.tokens[index - 1]?.end ?? 0;
  const why =
    sign === "+"
      ? `the \`+ ${number.text}\` does not belong there`
      : `the \`- ${number.text}\` does not belong there`;
  yield {
    template: "off-by-one",
    start,
    end: number.end,
    text: "",
    prior: number.text === "1" ? 0.6 : 0.3,
    why,
  };
}

/** `range(n)` that should start at one, and `range(0, n)` written out. */
function* rangeStart({ unit, index }: Site): Iterable<Proposal> {
  if (textAt(unit, index) !== "range" || textAt(unit, index + 1) !== "(") return;
  const close = unit.partner[index + 1] ?? -1;
  const first = unit.tokens[index + 2];
  if (close < 0 || first === undefined) return;
  const commas = [...Array(Math.max(0, close - index - 2)).keys()].filter(
    (step) => textAt(unit, index + 2 + step) === "," && enclosing(unit, index + 2 + step) === index + 1,
  );
  if (commas.length === 0)
    yield {
      template: "off-by-one",
      start: first.start,
      end: first.start,
      text: "1, ",
      prior: 0.35,
      why: "the range starts one too early",
    };
  if (commas.length === 1) {
    const end = unit.tokens[close]?.start ?? 0;
    yield {
      template: "argument",
      start: end,
      end,
      text: ", -1",
      prior: 0.1,
      why: "the range misses its step",
    };
    yield {
      template: "argument",
      start: end,
      end,
      text: ", 2",
      prior: 0.06,
      why: "the range misses its step",
    };
    const second = unit.tokens[index + 3 + (commas[0] ?? 0)];
    yield {
      template: "argument",
      start: first.start,
      end: second?.start ?? first.start,
      text: "",
      prior: 0.15,
      why: "the range starts too late",
    };
  }
}
