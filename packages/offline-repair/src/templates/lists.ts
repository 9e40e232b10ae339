import { operatorsOf, type SyntaxNode } from "../source/tree.ts";
import { textOf } from "../source/unit.ts";
import { calleeOf } from "./places.ts";
import { type Choice, choices, type Edit, exchanged, put, type Site, type Span } from "./template.ts";

/** Arguments of a call and elements of a literal: two exchanged, one too many, one too few. */
export function* listed(site: Site): Iterable<Edit> {
  const { unit, node } = site;
  if (!/^(arguments|list|tuple|subscript)$/.test(node.role)) return;
  const call = node.role === "arguments";
  const elements = node.role === "subscript" ? node.parts.slice(1) : node.parts;
  const why = `two ${call ? "arguments" : "elements"} are in the wrong order`;
  for (const [at, left] of elements.slice(0, 6).entries())
    for (const [distance, right] of elements.slice(at + 1, at + 3).entries()) {
      const { text, ...span } = exchanged(unit, left, right);
      yield put("swapped-arguments", span, text, (call ? 0.55 : 0.25) / (1 + 4 * distance), why);
    }
  if (!call) return;
  for (const [at, part] of node.parts.length > 1 ? node.parts.entries() : []) {
    const [before, after] = [node.parts[at - 1], node.parts[at + 1]];
    const span = { start: after ? part.start : (before ?? part).end, end: after ? after.start : part.end };
    yield put("argument", span, "", 0.18, "an argument does not belong there");
  }
  const end = node.parts.at(-1)?.end ?? node.end - 1;
  for (const [text, prior] of missingArguments(site))
    yield put(
      "argument",
      { start: end, end },
      node.parts.length === 0 ? text : `, ${text}`,
      prior,
      "the call misses an argument",
    );
}

const KNOWN = new Map(
  Object.entries({
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
    range: "-1 10  2 6",
  }).map(([name, row]) => [name, choices(row)]),
);

function* missingArguments({ unit, node, pool }: Site): Iterable<Choice> {
  yield* KNOWN.get(calleeOf(unit, node.parent)) ?? [];
  for (const [text, weight] of pool.near("variable", node.line).slice(0, 4)) yield [text, 0.1 * weight];
  for (const [text, weight] of pool.near("expression", node.line).slice(0, 2)) yield [text, 0.04 * weight];
  if (node.parts.length === 1) yield* choices("1 8  0 5");
}

/** The bounds of a Python slice, dropped, exchanged or added. */
export function* otherBounds({ unit, node, pool }: Site): Iterable<Edit> {
  if (node.role !== "slice") return;
  const [low = "", high = "", step] = textOf(unit, node)
    .split(":")
    .map((part) => part.trim());
  const to = (text: string, prior: number) =>
    put("slice", node, text, prior, "the slice has the wrong bounds");
  if (step !== undefined) yield to(":", 0.2);
  if (step !== undefined) return;
  yield to(`:${high}`, 0.25);
  yield to(`${low}:`, 0.25);
  yield to(`:${low}`, high === "" ? 0.25 : 0.02);
  yield to(`${high}:`, low === "" ? 0.25 : 0.02);
  yield to(`${low}:${high}:-1`, 0.12);
  if (low === "") yield to(`1:${high}`, 0.3);
  if (high === "") yield to(`${low}:-1`, 0.3);
  for (const [name, weight] of pool.near("variable", node.line).slice(0, 3)) {
    if (low === "") yield to(`${name}:${high}`, 0.1 * weight);
    if (high === "") yield to(`${low}:${name}`, 0.1 * weight);
  }
}

const isOperation = ({ role }: SyntaxNode) =>
  role === "arithmetic" || role === "comparison" || role === "logic";

/** Operators that bind in the wrong order: brackets that are missing or too many. */
export function* grouped({ unit, node }: Site): Iterable<Edit> {
  const why = "the operators bind in the wrong order";
  const [left, right] = node.parts;
  const place = node.parent;
  if (
    node.role === "group" &&
    left !== undefined &&
    isOperation(left) &&
    place !== null &&
    (isOperation(place) || place.role === "not")
  )
    yield put("grouping", node, textOf(unit, left), 0.2, why);
  if (!isOperation(node) || left === undefined || right === undefined || operatorsOf(node).length > 1) return;
  const bracket = (span: Span) => put("grouping", span, `(${textOf(unit, span)})`, 0.2, why);
  const [near, far] = [left.parts.at(-1), right.parts[0]];
  if (isOperation(left) && near !== undefined) yield bracket({ start: near.start, end: right.end });
  if (isOperation(right) && far !== undefined) yield bracket({ start: left.start, end: far.end });
}
