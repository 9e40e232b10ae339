import { outermostScope } from "../source/scopes.ts";
import { type Line, type SourceUnit, textAt } from "../source/unit.ts";
import { nearestFirst } from "./ingredients.ts";
import { continuesBracket, indentOf, isSimpleStatement, lineBreak } from "./statements.ts";
import { byLanguage, choices, type LineSite, type Proposal } from "./template.ts";

const TESTS = {
  python: choices("not $ 100  $ is None 60  $ == 0 80  $ <= 0 30  $ < 0 30  $ == 1 30  len($) == 1 20"),
  script: choices("!$ 100  $ == null 60  $ === 0 60  $ < 0 40  $ <= 0 20  $.length === 0 50"),
};
const RESULTS = {
  python: ["[]", "0", "None", "False", "True", "''", "[[]]", "1", "-1"],
  script: ["[]", "0", "''", "false", "true", "null", "undefined", "1", "-1"],
};

/** A test with an early exit, missing in front of a statement. */
export function* missingGuard(site: LineSite): Iterable<Proposal> {
  const { unit, line: number, pool, scope } = site;
  const line = unit.lines[number];
  if (line === undefined || scope === null || !startsStatement(unit, number)) return;
  const first = isFirstOfBody(site);
  const params = pool.params.filter((name) => name !== "self");
  const names = nearestFirst(pool.variables, "", number, first ? 3 : 2);
  const subjects = first ? [...new Set([...params, ...names])].slice(0, 4) : names;
  const [indent, br] = [indentOf(unit, line), lineBreak(unit)];
  const step = indent.includes("\t") ? "\t" : indent.length % 4 === 0 ? "    " : "  ";
  for (const [rank, name] of subjects.entries())
    for (const [form, weight] of byLanguage(unit, TESTS.python, TESTS.script))
      for (const [at, exit] of exitsFor(site).entries()) {
        const test = form.replaceAll("$", name);
        const text = byLanguage(unit, `if ${test}:${br}${indent}${step}${exit}`, `if (${test}) ${exit};`);
        const prior = ((first ? 0.12 : 0.03) * weight) / (1 + rank) / (1 + at * 0.3);
        yield insertion(
          "missing-guard",
          line.start,
          `${indent}${text}${br}`,
          prior,
          "a special case is not handled",
        );
      }
}

function insertion(
  template: Proposal["template"],
  at: number,
  text: string,
  prior: number,
  why: string,
): Proposal {
  return { template, start: at, end: at, text, prior, why };
}

/** Whether new code may go in front of this line. */
function startsStatement(unit: SourceUnit, number: number): boolean {
  const line = unit.lines[number];
  if (line === undefined || line.firstToken === line.tokensEnd) return false;
  const head = textAt(unit, line.firstToken);
  if (/^(else|elif|except|finally|case|default|\}|catch|def|class|@)$/.test(head)) return false;
  if (/^(if|for|while|return|with|try|switch)$/.test(head)) return !continuesBracket(unit, line);
  return isSimpleStatement(unit, number);
}

function isFirstOfBody({ unit, line, scope }: LineSite): boolean {
  const isFirst = (number: number) =>
    startsStatement(unit, number) && unit.tokens[unit.lines[number]?.firstToken ?? -1]?.kind !== "string";
  return (
    scope !== null &&
    [...unit.lines.keys()].find((number) => number > scope.firstLine && isFirst(number)) === line
  );
}

function exitsFor({ unit, line, pool, scope }: LineSite): string[] {
  const before = unit.lines.slice(scope?.firstLine ?? 0, line);
  const inLoop = before.some((one) => /^(for|while)$/.test(textAt(unit, one.firstToken)));
  const [first, second] = pool.params.filter((name) => name !== "self");
  const values = [first, ...byLanguage(unit, RESULTS.python, RESULTS.script), second];
  const returns = values.filter((value) => value !== undefined).map((value) => `return ${value}`);
  return inLoop ? ["continue", "break", ...returns.slice(0, 4)] : returns;
}

/**
 * A step that is missing: a neighbouring statement repeated or adapted, a variable handed on, a collection filled, a
 * counter moved on, a loop left. It goes in front of a line, or behind it at its depth and those of the blocks that
 * end there.
 */
export function* missingStatement(site: LineSite): Iterable<Proposal> {
  const { unit, line: number, scope } = site;
  const line = unit.lines[number];
  if (line === undefined || scope === null) return;
  const [own, br] = [indentOf(unit, line), lineBreak(unit)];
  const simple = isSimpleStatement(unit, number);
  const leaves = /^(return|break|continue|throw|raise)$/.test(textAt(unit, line.firstToken));
  const places: { at: number; text: (statement: string) => string; weight: number }[] = [];
  if (simple)
    for (const [depth, indent] of endingDepths(unit, number).entries())
      if (indent !== own || !leaves)
        places.push({
          at: line.end,
          text: (statement) => br + indent + statement,
          weight: depth === 0 ? 1 : 0.7,
        });
  const blockEnd = simple ? undefined : endOfBlock(unit, number);
  if (blockEnd !== undefined)
    places.push({ at: blockEnd.end, text: (statement) => br + own + statement, weight: 0.8 });
  if (startsStatement(unit, number) && (!simple || leaves))
    places.push({ at: line.start, text: (statement) => own + statement + br, weight: 0.8 });
  for (const [statement, prior, why] of places.length === 0 ? [] : steps(site))
    for (const { at, text, weight } of places)
      yield insertion("missing-statement", at, text(statement), prior * weight, why);
}

/** The last line of the Python block that a line opens; its own lines may never have run. */
function endOfBlock(unit: SourceUnit, number: number): Line | undefined {
  const header = unit.lines[number];
  if (header === undefined || unit.language !== "python" || textAt(unit, header.tokensEnd - 1) !== ":")
    return;
  const code = unit.lines.slice(number + 1).filter((one) => one.firstToken < one.tokensEnd);
  const after = code.findIndex((one) => indentOf(unit, one).length <= indentOf(unit, header).length);
  return after < 0 ? code.at(-1) : code[after - 1];
}

/** The indentation of a line and, where blocks end behind it, of the statements in them, innermost first. */
function endingDepths(unit: SourceUnit, number: number): string[] {
  const line = unit.lines[number];
  if (line === undefined) return [];
  const found = [indentOf(unit, line)];
  if (unit.language !== "python") return found;
  const next = unit.lines.slice(number + 1).find((one) => one.firstToken < one.tokensEnd);
  const floor = next === undefined ? 0 : indentOf(unit, next).length;
  for (let above = number - 1; above >= 0; above--) {
    const one = unit.lines[above];
    const indent = one === undefined || one.firstToken === one.tokensEnd ? "" : indentOf(unit, one);
    if (indent.length > floor && indent.length < (found.at(-1)?.length ?? 0)) found.push(indent);
  }
  return found;
}

type MissingStep = readonly [statement: string, prior: number, why: string];

function* steps(site: LineSite): Iterable<MissingStep> {
  const { unit, line: number, pool } = site;
  const end = unit.language === "python" || !unit.text.includes(";") ? "" : ";";
  const names = nearestFirst(pool.variables, "", number, 4);
  for (const name of neverSet(site))
    for (const [rank, value] of byLanguage(unit, ["0", "[]", "''", "1", "None", "{}"], []).entries())
      yield [`${name} = ${value}`, 0.3 / (1 + rank * 0.4), `\`${name}\` has no first value`];
  yield [`break${end}`, 0.1, "the loop is not left"];
  yield [`continue${end}`, 0.05, "the rest of the loop body is not skipped"];
  for (const [rank, name] of names.entries()) {
    const still = `\`${name}\` is not moved on`;
    yield [byLanguage(unit, `${name} += 1`, `${name}++${end}`), 0.1 / (1 + rank), still];
    yield [byLanguage(unit, `${name} -= 1`, `${name}--${end}`), 0.05 / (1 + rank), still];
    yield [`return ${name}${end}`, 0.06 / (1 + rank), "the result is not returned"];
    for (const [other, to] of names.entries())
      for (const [sign, prior] of name === to ? [] : choices("= 6  += 5"))
        yield [
          `${name} ${sign} ${to}${end}`,
          prior / (1 + rank + other),
          `\`${name}\` is not brought up to date`,
        ];
  }
  for (const [name, method] of collections(site))
    for (const [rank, value] of nearestFirst(pool.variables, name, number, 4).entries())
      yield [`${name}.${method}(${value})${end}`, 0.1 / (1 + rank * 0.5), `nothing is put into \`${name}\``];
  yield* adaptedCopies(site);
}

/** Names that a Python function changes or reads step by step without ever having set them. */
function neverSet({ unit, line: at, pool }: LineSite): string[] {
  const scope = outermostScope(unit.scopes, unit.lines[at]?.firstToken ?? 0);
  if (scope === null || unit.language !== "python") return [];
  const around = [...unit.tokens.keys()].slice(scope.firstToken, scope.lastToken + 1);
  const combined = (index: number) => /^[-+*/|&]=$/.test(textAt(unit, index + 1));
  const isSet = (index: number) =>
    /^(=|in|,)$/.test(textAt(unit, index + 1)) && !/^([[(.]|not)$/.test(textAt(unit, index - 1));
  return pool.variables.flatMap(({ text }) => {
    const uses = around.filter((index) => textAt(unit, index) === text);
    return !pool.params.includes(text) && uses.some(combined) && !uses.some(isSet) ? [text] : [];
  });
}

const FILLED_BY: readonly (readonly [empty: RegExp, method: string])[] = [
  [/^(set\(\))$/, "add"],
  [/^(new Set\(\))$/, "add"],
  [/^(\[\]|list\(\)|deque\(\))$/, "append"],
];

/** Variables that begin as empty collections, with the method that fills them. */
function* collections({ unit, line: at }: LineSite): Iterable<Filling> {
  const scope = outermostScope(unit.scopes, unit.lines[at]?.firstToken ?? 0);
  for (let number = scope?.firstLine ?? 0; number <= (scope?.lastLine ?? -1); number++) {
    const line = unit.lines[number];
    const text = line === undefined ? "" : unit.text.slice(line.code, line.end);
    const [, name, value] = /^(?:const |let |var )?(\w+) = (.*?);?$/.exec(text) ?? [];
    const method = FILLED_BY.find(([empty]) => empty.test(value ?? ""))?.[1];
    if (name !== undefined && method !== undefined)
      yield [name, byLanguage(unit, method, method === "append" ? "push" : method)];
  }
}
type Filling = readonly [name: string, method: string];

/** Statements of the neighbourhood, as they are or with one name exchanged. */
function* adaptedCopies({ unit, line: number, pool, scope }: LineSite): Iterable<MissingStep> {
  const why = "a step is missing that the function takes elsewhere";
  const [from, to] = [
    Math.max(scope?.firstLine ?? 0, number - 6),
    Math.min(scope?.lastLine ?? 0, number + 6),
  ];
  for (let other = from; other <= to; other++) {
    const line = unit.lines[other];
    if (line === undefined || !isSimpleStatement(unit, other)) continue;
    if (/^(return|break|continue|const|let|var)$/.test(textAt(unit, line.firstToken))) continue;
    const near = 1 + Math.abs(other - number) * 0.4;
    if (other !== number) yield [unit.text.slice(line.code, line.end), 0.1 / near, why];
    for (let at = line.firstToken; at < line.tokensEnd; at++) {
      const token = unit.tokens[at];
      if (token?.kind !== "name" || textAt(unit, at - 1) === "." || textAt(unit, at + 1) === "(") continue;
      for (const [rank, name] of nearestFirst(pool.variables, token.text, number, 3).entries()) {
        const adapted = unit.text.slice(line.code, token.start) + name + unit.text.slice(token.end, line.end);
        yield [adapted, 0.04 / near / (1 + rank * 0.7), why];
      }
    }
  }
}
