import { type Line, type SourceUnit, textAt } from "../source/unit.ts";
import { nearestFirst } from "./ingredients.ts";
import { isSimpleStatement } from "./statements.ts";
import type { LineSite, Proposal } from "./template.ts";

const MISSING = "a special case is not handled";

/** A test with an early exit, missing in front of a statement. */
export function* missingGuard(site: LineSite): Iterable<Proposal> {
  const { unit, line: number, pool, scope } = site;
  const line = unit.lines[number];
  if (line === undefined || scope === null || !startsStatement(unit, number)) return;
  const firstOfBody = isFirstOfBody(site);
  const names = nearestFirst(pool.variables, "", number, firstOfBody ? 3 : 2);
  const subjects = firstOfBody
    ? [...new Set([...pool.params.filter((name) => name !== "self"), ...names])].slice(0, 4)
    : names;
  const exits = exitsFor(site);
  const scale = firstOfBody ? 0.12 : 0.03;
  for (const [rank, name] of subjects.entries())
    for (const [test, weight] of unit.language === "python" ? PYTHON_TESTS : JAVASCRIPT_TESTS)
      for (const [at, exit] of exits.entries())
        yield insertBefore(
          unit,
          line,
          guard(unit, line, test.replaceAll("$", name), exit),
          (scale * weight) / (1 + rank) / (1 + at * 0.3),
        );
}

const PYTHON_TESTS: readonly (readonly [string, number])[] = [
  ["not $", 1],
  ["$ is None", 0.6],
  ["$ == 0", 0.8],
  ["$ <= 0", 0.3],
  ["$ < 0", 0.3],
  ["$ == 1", 0.3],
  ["len($) == 1", 0.2],
];
const JAVASCRIPT_TESTS: readonly (readonly [string, number])[] = [
  ["!$", 1],
  ["$ == null", 0.6],
  ["$ === 0", 0.6],
  ["$ < 0", 0.4],
  ["$ <= 0", 0.2],
  ["$.length === 0", 0.5],
];

/** Whether new code may go in front of this line. */
function startsStatement(unit: SourceUnit, number: number): boolean {
  const line = unit.lines[number];
  if (line === undefined || line.firstToken === line.tokensEnd) return false;
  const head = textAt(unit, line.firstToken);
  if (
    ["else", "elif", "except", "finally", "case", "default", "}", "catch", "def", "class", "@"].includes(head)
  )
    return false;
  if (isSimpleStatement(unit, number)) return true;
  return ["if", "for", "while", "return", "with", "try", "switch"].includes(head);
}

function isFirstOfBody({ unit, line, scope }: LineSite): boolean {
  if (scope === null) return false;
  const bodyStart = unit.lines.findIndex(
    (one, number) =>
      number > scope.firstLine &&
      startsStatement(unit, number) &&
      unit.tokens[one.firstToken]?.kind !== "string",
  );
  return bodyStart === line;
}

function exitsFor({ unit, line, pool, scope }: LineSite): string[] {
  const python = unit.language === "python";
  const end = python ? "" : ";";
  const inLoop = unit.lines
    .slice(scope?.firstLine ?? 0, line)
    .some((one) => ["for", "while"].includes(textAt(unit, one.firstToken)));
  const values = python
    ? ["[]", "0", "None", "False", "True", "''", "[[]]", "1", "-1"]
    : ["[]", "0", "''", "false", "true", "null", "undefined", "1", "-1"];
  const names = [...pool.params.filter((name) => name !== "self").slice(0, 2)];
  const returns = [...names.slice(0, 1), ...values, ...names.slice(1)].map(
    (value) => `return ${value}${end}`,
  );
  return inLoop ? [`continue${end}`, `break${end}`, ...returns.slice(0, 4)] : returns;
}

function guard(unit: SourceUnit, line: Line, test: string, exit: string): string {
  const indent = unit.text.slice(line.start, line.code);
  const br = unit.text.includes("\r\n") ? "\r\n" : "\n";
  if (unit.language !== "python") return `${indent}if (${test}) ${exit}${br}`;
  const step = indent.includes("\t") ? "\t" : indent.length % 4 === 0 ? "    " : "  ";
  return `${indent}if ${test}:${br}${indent}${step}${exit}${br}`;
}

function insertBefore(_unit: SourceUnit, line: Line, text: string, prior: number): Proposal {
  return { template: "missing-guard", start: line.start, end: line.start, text, prior, why: MISSING };
}

/** A step that is missing: a neighbouring statement repeated, a counter moved on, a loop left, a result collected. */
export function* missingStatement(site: LineSite): Iterable<Proposal> {
  const { unit, line: number, pool } = site;
  const line = unit.lines[number];
  if (line === undefined || !isSimpleStatement(unit, number)) return;
  const python = unit.language === "python";
  const indent = unit.text.slice(line.start, line.code);
  const br = unit.text.includes("\r\n") ? "\r\n" : "\n";
  const end = python ? "" : unit.text[line.end - 1] === ";" ? ";" : "";
  const after = (text: string, prior: number, why: string): Proposal => ({
    template: "missing-statement",
    start: line.end,
    end: line.end,
    text: `${br}${indent}${text}`,
    prior,
    why,
  });
  const head = textAt(unit, line.firstToken);
  if (["return", "break", "continue", "throw", "raise"].includes(head)) return;
  yield after(`break${end}`, 0.1, "the loop is not left");
  yield after(`continue${end}`, 0.05, "the rest of the loop body is not skipped");
  for (const [rank, name] of nearestFirst(pool.variables, "", number, 4).entries()) {
    yield after(python ? `${name} += 1` : `${name}++${end}`, 0.1 / (1 + rank), `\`${name}\` is not moved on`);
    yield after(
      python ? `${name} -= 1` : `${name}--${end}`,
      0.05 / (1 + rank),
      `\`${name}\` is not moved on`,
    );
    yield after(`return ${name}${end}`, 0.06 / (1 + rank), "the result is not returned");
  }
  yield* adaptedCopies(site, after);
}

/** Statements of the neighbourhood, as they are or with one name exchanged. */
function* adaptedCopies(
  { unit, line: number, pool, scope }: LineSite,
  after: (text: string, prior: number, why: string) => Proposal,
): Iterable<Proposal> {
  const why = "a step is missing that the function takes elsewhere";
  for (
    let other = Math.max(scope?.firstLine ?? 0, number - 6);
    other <= Math.min(scope?.lastLine ?? 0, number + 6);
    other++
  ) {
    const from = unit.lines[other];
    if (from === undefined || !isSimpleStatement(unit, other)) continue;
    const head = textAt(unit, from.firstToken);
    if (["return", "break", "continue", "const", "let", "var"].includes(head)) continue;
    const text = unit.text.slice(from.code, from.end);
    const near = 1 + Math.abs(other - number) * 0.4;
    if (other !== number) yield after(text, 0.1 / near, why);
    for (let at = from.firstToken; at < from.tokensEnd; at++) {
      const token = unit.tokens[at];
      if (token?.kind !== "name" || textAt(unit, at - 1) === "." || textAt(unit, at + 1) === "(") continue;
      for (const [rank, name] of nearestFirst(pool.variables, token.text, number, 2).entries()) {
        const adapted = unit.text.slice(from.code, token.start) + name + unit.text.slice(token.end, from.end);
        yield after(adapted, 0.03 / near / (1 + rank), why);
      }
    }
  }
}
