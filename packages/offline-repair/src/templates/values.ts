import { endsValue, primaryStartingAt } from "../source/expressions.ts";
import { textAt } from "../source/unit.ts";
import { expressionOnLine } from "./conditions.ts";
import { nearestFirst } from "./ingredients.ts";
import type { Proposal, Site } from "./template.ts";

/** What is returned: another local value, a literal, or the value with a part missing. */
export function* returnValue(site: Site): Iterable<Proposal> {
  const { unit, index, pool } = site;
  const token = unit.tokens[index];
  if (token === undefined || token.text !== "return") return;
  const python = unit.language === "python";
  const span = expressionOnLine(unit, index + 1);
  const line = token.line;
  if (span === null || unit.tokens[span.first]?.line !== line) {
    const bare = unit.tokens[index + 1]?.line !== line || textAt(unit, index + 1) === ";";
    if (!bare) return;
    for (const [rank, name] of nearestFirst(pool.variables, "", line, 5).entries())
      yield {
        template: "return-value",
        start: token.end,
        end: token.end,
        text: ` ${name}`,
        prior: 0.4 / (1 + rank * 0.4),
        why: "nothing is returned",
      };
    return;
  }
  const start = unit.tokens[span.first]?.start ?? 0;
  const end = unit.tokens[span.last]?.end ?? 0;
  const text = unit.text.slice(start, end);
  const make = (to: string, prior: number, why: string): Proposal => ({
    template: "return-value",
    start,
    end,
    text: to,
    prior,
    why,
  });
  if (span.last > span.first || !/^\w+$/.test(text))
    for (const [rank, name] of nearestFirst(pool.variables, text, line, 8).entries())
      yield make(name, 0.25 / (1 + rank * 0.5), "the wrong value is returned");
  const literals = python
    ? ["True", "False", "None", "0", "1", "-1", "[]", "''"]
    : ["true", "false", "null", "undefined", "0", "1", "-1", "[]", "''"];
  for (const [rank, literal] of literals.entries())
    if (literal !== text) yield make(literal, 0.14 / (1 + rank * 0.15), "the wrong value is returned");
  for (const [rank, name] of nearestFirst(pool.variables, text, line, 4).entries())
    for (const [operator, weight] of OPERATORS)
      yield make(
        `${text} ${operator} ${name}`,
        (0.12 * weight) / (1 + rank * 0.5),
        `the returned value lacks \`${operator} ${name}\``,
      );
  if (python) yield make(`[${text}]`, 0.06, "the result has to be wrapped in a list");
  if (!text.startsWith("-"))
    yield make(
      /^[\w.()[\]]+$/.test(text) ? `-${text}` : `-(${text})`,
      0.15,
      "the sign of the result is wrong",
    );
  if (python)
    for (const name of ["sorted", "list", "len", "abs", "sum", "set", "str", "tuple"])
      yield make(`${name}(${text})`, 0.05, `the result has to go through \`${name}\``);
}

const OPERATORS: readonly (readonly [string, number])[] = [
  ["+", 1],
  ["-", 0.6],
  ["*", 0.4],
];

/** An operand missing at the end of an assigned or passed value: `x = a` for `x = a + b`. */
export function* missingOperand(site: Site): Iterable<Proposal> {
  const { unit, index, pool } = site;
  const before = textAt(unit, index - 1);
  if (!["=", "+=", "-=", "(", ",", "["].includes(before)) return;
  if (before === "[" && !endsValue(unit, index - 2)) return;
  const span = primaryStartingAt(unit, index);
  const token = unit.tokens[index];
  if (span === null || token === undefined || (token.kind !== "name" && token.text !== "(")) return;
  const after = textAt(unit, span.last + 1);
  const ends =
    after === ")" ||
    after === "]" ||
    after === "," ||
    after === ";" ||
    unit.tokens[span.last + 1]?.line !== unit.tokens[span.last]?.line;
  if (!ends) return;
  const end = unit.tokens[span.last]?.end ?? 0;
  for (const [rank, name] of nearestFirst(pool.variables, token.text, token.line, 4).entries())
    for (const [operator, weight] of OPERATORS) {
      const prior = ((before === "=" || before === "[" ? 0.14 : 0.08) * weight) / (1 + rank * 0.6);
      yield {
        template: "operand",
        start: end,
        end,
        text: ` ${operator} ${name}`,
        prior,
        why: `the value lacks \`${operator} ${name}\``,
      };
    }
}

/** A minus sign in front of a value, missing or too many. */
export function* sign({ unit, index }: Site): Iterable<Proposal> {
  const token = unit.tokens[index];
  const next = unit.tokens[index + 1];
  if (token === undefined || next === undefined) return;
  const why = "the sign of the value is wrong";
  if (token.text === "-" && !endsValue(unit, index - 1)) {
    yield { template: "negation", start: token.start, end: next.start, text: "", prior: 0.55, why };
    yield { template: "negation", start: token.start, end: token.end, text: "~", prior: 0.03, why };
  }
  if (token.text === "~")
    yield { template: "negation", start: token.start, end: next.start, text: "", prior: 0.4, why };
  const before = textAt(unit, index - 1);
  if (
    token.kind === "name" &&
    ["=", "(", ",", "return", "=>"].includes(before) &&
    textAt(unit, index + 1) !== "=" &&
    textAt(unit, index + 1) !== "=>"
  )
    yield { template: "negation", start: token.start, end: token.start, text: "-", prior: 0.08, why };
}
