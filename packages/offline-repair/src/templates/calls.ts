import {
  enclosing,
  endsValue,
  opensCall,
  partsOfBracket,
  primaryEndingAt,
  primaryStartingAt,
  type Span,
} from "../source/expressions.ts";
import { textAt, textOfSpan } from "../source/unit.ts";
import { nearestFirst } from "./ingredients.ts";
import {
  byLanguage,
  type Choice,
  choices,
  choiceTable,
  insertAfter,
  insertBefore,
  type Proposal,
  replace,
  type Site,
} from "./template.ts";

/** Arguments of a call: two of them swapped, one dropped, one missing; also two elements of a literal or tuple. */
export function* callArguments(site: Site): Iterable<Proposal> {
  const { unit, index } = site;
  if (textAt(unit, index) !== "(" && textAt(unit, index) !== "[") return;
  const parts = partsOfBracket(unit, index);
  const call = opensCall(unit, index);
  for (const [at, left] of parts.slice(0, 6).entries()) {
    const right = parts[at + 1];
    if (right === undefined || textOfSpan(unit, left) === textOfSpan(unit, right)) continue;
    const text = exchanged(site.unit, left, right);
    const why = `two ${call ? "arguments" : "elements"} are in the wrong order`;
    const span = { first: left.first, last: right.last };
    yield replace(unit, span, "swapped-arguments", [text, call ? 0.55 : 0.25], why);
  }
  if (!call) return;
  if (parts.length > 1) yield* droppedArgument(site, parts);
  yield* droppedCall(site, parts.length);
  yield* addedArgument(site, parts.length);
}

/** Two spans of tokens with the text between them, the other way round. */
export function exchanged(unit: Site["unit"], left: Span, right: Span): string {
  const between = unit.text.slice(unit.tokens[left.last]?.end, unit.tokens[right.first]?.start);
  return textOfSpan(unit, right) + between + textOfSpan(unit, left);
}

function* droppedArgument({ unit }: Site, parts: readonly Span[]): Iterable<Proposal> {
  for (const [at, part] of parts.entries()) {
    const why = `the argument \`${textOfSpan(unit, part)}\` does not belong there`;
    // The comma goes with it: the one behind it, for the last argument the one before.
    const last = parts[at + 1] ? part.last + 1 : part.last;
    const first = parts[at + 1] ? part.first : part.first - 1;
    yield replace(unit, { first, last }, "argument", ["", 0.18], why);
  }
}

function* droppedCall({ unit, index }: Site, count: number): Iterable<Proposal> {
  const close = unit.partner[index] ?? -1;
  const callee = primaryEndingAt(unit, index - 1);
  if (callee === null || close < 0) return;
  const why = `the call of \`${textOfSpan(unit, callee)}\` does not belong there`;
  if (count === 1) {
    const inner = textOfSpan(unit, { first: index + 1, last: close - 1 });
    const simple = primaryStartingAt(unit, index + 1)?.last === close - 1;
    const span = { first: callee.first, last: close };
    yield replace(unit, span, "extra-call", [simple ? inner : `(${inner})`, 0.3], why);
  }
  if (textAt(unit, index - 2) === "." && endsValue(unit, index - 3))
    yield replace(unit, { first: index - 2, last: close }, "extra-call", ["", 0.25], why);
}

const KNOWN_EXTRAS = choiceTable({
  sorted: "reverse=True 30",
  sort: "reverse=True 30",
  parseInt: "10 30",
  int: "2 30",
  split: "' ' 30  ',' 30",
  splice: "1 30",
  toString: "2 30  16 30",
  enumerate: "1 30",
  get: "0 30",
  sum: "[] 30",
});

function* addedArgument({ unit, index, pool }: Site, count: number): Iterable<Proposal> {
  const callee = textAt(unit, index - 1);
  const near = nearestFirst(pool.variables, callee, unit.tokens[index]?.line ?? 0, 3);
  const options: Choice[] = [
    ...(KNOWN_EXTRAS.get(callee) ?? []),
    ...near.map((name, rank): Choice => [name, 0.1 / (1 + rank)]),
    ...(count === 1 ? choices("1 8  0 5") : []),
  ];
  for (const [text, prior] of options) {
    const added = count === 0 ? text : `, ${text}`;
    yield insertBefore(
      unit,
      unit.partner[index] ?? -1,
      "argument",
      [added, prior],
      "the call misses an argument",
    );
  }
}

const WRAPPERS = {
  python: "len abs sorted str int list set reversed sum max min float round".split(" "),
  script: "Math.abs Math.floor Math.ceil Math.round String Number Boolean Array.from".split(" "),
};
const SUFFIXES = {
  python: ".copy() [:] [::-1] .lower() .upper() .strip() [1:] [:-1] [$:] [:$]".split(" "),
  script:
    ".length .slice() .toLowerCase() .toUpperCase() .trim() .reverse() .sort() .slice(1) .slice(0,-1) .slice($)".split(
      " ",
    ),
};
/** Words after which a name is being defined, not used. */
const DEFINING = /^(def|function|class|new|for|import|from|as|const|let|var)$/;

/** A call that wraps a value (`len(x)`) or follows it (`x.copy()`), or a slice of it, missing where it is used plainly. */
export function* missingCall({ unit, index, pool }: Site): Iterable<Proposal> {
  const token = unit.tokens[index];
  const before = textAt(unit, index - 1);
  if (token?.kind !== "name" || before === "." || before === "?." || DEFINING.test(before)) return;
  const span = primaryStartingAt(unit, index);
  if (span === null) return;
  const after = textAt(unit, span.last + 1);
  if (
    /^(=|=>|in|of|:|\+=|-=)$/.test(after) &&
    !(after === ":" && before === "in") &&
    enclosing(unit, index) < 0
  )
    return;
  const text = textOfSpan(unit, span);
  const local = new Set(pool.functions.map((one) => one.text));
  for (const name of byLanguage(unit, WRAPPERS.python, WRAPPERS.script)) {
    const prior = (local.has(name) ? 0.16 : 0.05) * (span.last === index ? 1 : 0.7);
    const why = `the value has to go through \`${name}\` first`;
    yield replace(unit, span, "dropped-call", [`${name}(${text})`, prior], why);
  }
  const near = nearestFirst(pool.variables, token.text, token.line, 4);
  for (const suffix of byLanguage(unit, SUFFIXES.python, SUFFIXES.script))
    for (const [rank, name] of (suffix.includes("$") ? near : [""]).entries()) {
      const full = suffix.replace("$", name);
      const known = unit.text.includes(full) && full.includes("[") ? 0.15 : 0.05;
      yield insertAfter(
        unit,
        span.last,
        "dropped-call",
        [full, known / (1 + rank * 0.4)],
        `the value misses \`${full}\``,
      );
    }
  if (unit.language !== "python" && textAt(unit, span.last) === ")" && before !== "await")
    yield insertBefore(unit, index, "dropped-call", ["await ", 0.12], "the promise is not awaited");
}
