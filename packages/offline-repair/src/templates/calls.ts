import {
  endsValue,
  opensCall,
  partsOfBracket,
  primaryEndingAt,
  primaryStartingAt,
} from "../source/expressions.ts";
import { textAt, textOfTokens } from "../source/unit.ts";
import { nearestFirst } from "./ingredients.ts";
import { enclosing } from "./off-by-one.ts";
import type { Proposal, Site } from "./template.ts";

/** Arguments of a call: two of them swapped, one dropped, one missing; also two elements of a literal or tuple. */
export function* callArguments(site: Site): Iterable<Proposal> {
  const { unit, index } = site;
  const open = textAt(unit, index);
  if (open !== "(" && open !== "[") return;
  const parts = partsOfBracket(unit, index);
  const call = opensCall(unit, index);
  for (let at = 0; at + 1 < parts.length && at < 5; at++) {
    const [left, right] = [parts[at], parts[at + 1]];
    if (left === undefined || right === undefined) continue;
    const start = unit.tokens[left.first]?.start ?? 0;
    const end = unit.tokens[right.last]?.end ?? 0;
    const [one, other] = [
      textOfTokens(unit, left.first, left.last),
      textOfTokens(unit, right.first, right.last),
    ];
    if (one === other) continue;
    const between = unit.text.slice(unit.tokens[left.last]?.end ?? 0, unit.tokens[right.first]?.start ?? 0);
    const why = call
      ? `the arguments \`${one}\` and \`${other}\` are in the wrong order`
      : "two elements are in the wrong order";
    yield {
      template: "swapped-arguments",
      start,
      end,
      text: other + between + one,
      prior: call ? 0.55 : 0.25,
      why,
    };
  }
  if (!call) return;
  if (parts.length > 1) yield* droppedArgument(site, parts);
  yield* droppedCall(site, parts.length);
  yield* addedArgument(site, parts.length);
}

function* droppedArgument(
  { unit }: Site,
  parts: readonly { first: number; last: number }[],
): Iterable<Proposal> {
  for (const [at, part] of parts.entries()) {
    const next = parts[at + 1];
    const previous = parts[at - 1];
    const start = next ? unit.tokens[part.first]?.start : unit.tokens[previous?.last ?? part.first]?.end;
    const end = next ? unit.tokens[next.first]?.start : unit.tokens[part.last]?.end;
    const text = textOfTokens(unit, part.first, part.last);
    yield {
      template: "argument",
      start: start ?? 0,
      end: end ?? 0,
      text: "",
      prior: 0.18,
      why: `the argument \`${text}\` does not belong there`,
    };
  }
}

function* droppedCall({ unit, index }: Site, count: number): Iterable<Proposal> {
  const close = unit.partner[index] ?? -1;
  const callee = primaryEndingAt(unit, index - 1);
  if (callee === null || close < 0) return;
  const name = textOfTokens(unit, callee.first, callee.last);
  const start = unit.tokens[callee.first]?.start ?? 0;
  const end = unit.tokens[close]?.end ?? 0;
  const why = `the call of \`${name}\` does not belong there`;
  if (count === 1) {
    const inner = textOfTokens(unit, index + 1, close - 1);
    const simple = primaryStartingAt(unit, index + 1)?.last === close - 1;
    yield { template: "extra-call", start, end, text: simple ? inner : `(${inner})`, prior: 0.3, why };
  }
  const dot = textAt(unit, index - 2);
  if (dot === "." && unit.tokens[index - 1]?.kind === "name") {
    const cut = unit.tokens[index - 2]?.start ?? 0;
    if (endsValue(unit, index - 3))
      yield { template: "extra-call", start: cut, end, text: "", prior: 0.25, why };
  }
}

function* addedArgument({ unit, index, pool }: Site, count: number): Iterable<Proposal> {
  const close = unit.partner[index] ?? -1;
  const at = unit.tokens[close]?.start ?? 0;
  const line = unit.tokens[index]?.line ?? 0;
  const callee = textAt(unit, index - 1);
  const why = "the call misses an argument";
  const glue = count === 0 ? "" : ", ";
  const options: [string, number][] = (KNOWN_EXTRAS.get(callee) ?? []).map((text) => [text, 0.3]);
  for (const [rank, name] of nearestFirst(pool.variables, callee, line, 3).entries())
    options.push([name, 0.1 / (1 + rank)]);
  if (count === 1) options.push(["1", 0.08], ["0", 0.05]);
  for (const [text, prior] of options)
    yield { template: "argument", start: at, end: at, text: glue + text, prior, why };
}

const KNOWN_EXTRAS = new Map<string, readonly string[]>(
  Object.entries({
    sorted: ["reverse=True"],
    sort: ["reverse=True"],
    parseInt: ["10"],
    int: ["2"],
    split: ["' '", "','"],
    splice: ["1"],
    toString: ["2", "16"],
    enumerate: ["1"],
    get: ["0"],
    sum: ["[]"],
  }),
);

/** Calls that wrap a value (`len(x)`) or follow it (`x.copy()`), missing where the value is used plainly. */
export function* missingCall(site: Site): Iterable<Proposal> {
  const { unit, index, pool } = site;
  const token = unit.tokens[index];
  if (token?.kind !== "name" || textAt(unit, index - 1) === "." || textAt(unit, index - 1) === "?.") return;
  if (
    ["def", "function", "class", "new", "for", "import", "from", "as", "const", "let", "var"].includes(
      textAt(unit, index - 1),
    )
  )
    return;
  const span = primaryStartingAt(unit, index);
  if (span === null) return;
  const after = textAt(unit, span.last + 1);
  if (["=", "=>", "in", "of", ":", "+=", "-="].includes(after) && enclosing(unit, index) < 0) return;
  const start = token.start;
  const end = unit.tokens[span.last]?.end ?? 0;
  const text = unit.text.slice(start, end);
  const python = unit.language === "python";
  const wrappers = python ? PYTHON_WRAPPERS : JAVASCRIPT_WRAPPERS;
  const local = new Set(pool.functions.map((one) => one.text));
  for (const name of wrappers) {
    const prior = (local.has(name) ? 0.16 : 0.05) * (span.last === index ? 1 : 0.7);
    yield {
      template: "dropped-call",
      start,
      end,
      text: `${name}(${text})`,
      prior,
      why: `the value has to go through \`${name}\` first`,
    };
  }
  for (const suffix of python ? PYTHON_SUFFIXES : JAVASCRIPT_SUFFIXES)
    yield {
      template: "dropped-call",
      start: end,
      end,
      text: suffix,
      prior: 0.05,
      why: `the value misses \`${suffix}\``,
    };
  if (!python && textAt(unit, span.last) === ")" && textAt(unit, index - 1) !== "await")
    yield {
      template: "dropped-call",
      start,
      end: start,
      text: "await ",
      prior: 0.12,
      why: "the promise is not awaited",
    };
}

const PYTHON_WRAPPERS = [
  "len",
  "abs",
  "sorted",
  "str",
  "int",
  "list",
  "set",
  "reversed",
  "sum",
  "max",
  "min",
  "float",
  "round",
];
const JAVASCRIPT_WRAPPERS = [
  "Math.abs",
  "Math.floor",
  "Math.ceil",
  "Math.round",
  "String",
  "Number",
  "Boolean",
  "Array.from",
];
const PYTHON_SUFFIXES = [".copy()", "[:]", "[::-1]", ".lower()", ".upper()", ".strip()"];
const JAVASCRIPT_SUFFIXES = [
  ".length",
  ".slice()",
  ".toLowerCase()",
  ".toUpperCase()",
  ".trim()",
  ".reverse()",
  ".sort()",
];
