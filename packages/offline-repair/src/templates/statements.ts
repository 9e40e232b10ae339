import { type Line, type SourceUnit, textAt } from "../source/unit.ts";
import { byLanguage, insertBefore, type LineSite, type Proposal, type TemplateName } from "./template.ts";

const SCRIPT_HEADS = /^(import|export|function|class|case|default|[}.?:]|&&|\|\||\/\/)$/;

/** Whether a line is one whole simple statement: brackets closed and no block opened, so it can be moved about. */
export function isSimpleStatement(unit: SourceUnit, number: number): boolean {
  const line = unit.lines[number];
  if (line === undefined || line.firstToken === line.tokensEnd) return false;
  for (let at = line.firstToken; at < line.tokensEnd; at++) {
    const partner = unit.partner[at] ?? -1;
    if (partner >= 0 && (partner < line.firstToken || partner >= line.tokensEnd)) return false;
  }
  const [head, last] = [textAt(unit, line.firstToken), textAt(unit, line.tokensEnd - 1)];
  if (continuesBracket(unit, line)) return false;
  if (unit.language === "python")
    return (
      !/^(import|from|def|class|@)$/.test(head) && !/^[:,]$/.test(last) && unit.text[line.end - 1] !== "\\"
    );
  if (SCRIPT_HEADS.test(head)) return false;
  return last === ";" || (last !== "," && last !== "{" && endsStatement(unit, number, last));
}

/** Without a semicolon a line ends a statement unless an operator or the next line carries it on. */
function endsStatement(unit: SourceUnit, number: number, last: string): boolean {
  if (/^[-+*/%&|^=<>?:.(![]+$/.test(last) && last !== "++" && last !== "--") return false;
  const next = unit.lines[number + 1];
  return !next || !/^[.?:&|+*/(,[]/.test(textAt(unit, next.firstToken));
}

export function continuesBracket(unit: SourceUnit, line: Line): boolean {
  for (let at = line.firstToken - 1; at >= 0 && at > line.firstToken - 200; at--) {
    const partner = unit.partner[at] ?? -1;
    if (partner >= line.tokensEnd - 1 && partner > at) return textAt(unit, at) !== "{" || inLiteral(unit, at);
  }
  return false;
}

function inLiteral(unit: SourceUnit, brace: number): boolean {
  return /^([=(,:[]|return|import|export|from)$/.test(textAt(unit, brace - 1));
}

/** The white space in front of a line. */
export function indentOf(unit: SourceUnit, line: Line): string {
  return unit.text.slice(line.start, line.code);
}

export function lineBreak(unit: SourceUnit): string {
  return unit.text.includes("\r\n") ? "\r\n" : "\n";
}

function edit(
  template: TemplateName,
  start: number,
  end: number,
  text: string,
  prior: number,
  why: string,
): Proposal {
  return { template, start, end, text, prior, why };
}

/** A statement too many: taken out, or made empty where Python needs a body. */
export function* deletedStatement({ unit, line: number }: LineSite): Iterable<Proposal> {
  const line = unit.lines[number];
  if (line === undefined || !isSimpleStatement(unit, number)) return;
  const head = textAt(unit, line.firstToken);
  const prior = head === "return" ? 0.12 : head === "break" || head === "continue" ? 0.35 : 0.25;
  const why = "the statement does not belong there";
  if (unit.language === "python")
    yield edit("extra-statement", line.code, line.end, "pass", prior * 0.7, why);
  yield edit("extra-statement", line.start, unit.lines[number + 1]?.start ?? line.end, "", prior, why);
}

/** A statement at the wrong place: exchanged with its neighbour, at the wrong depth, or on the wrong side of a brace. */
export function* movedStatement({ unit, line: number }: LineSite): Iterable<Proposal> {
  const [before, line, next] = [unit.lines[number - 1], unit.lines[number], unit.lines[number + 1]];
  if (line === undefined || !isSimpleStatement(unit, number)) return;
  const own = unit.text.slice(line.code, line.end);
  const move = (start: number, end: number, text: string, prior: number, why: string) =>
    edit("misplaced-statement", start, end, text, prior, why);
  if (
    next !== undefined &&
    isSimpleStatement(unit, number + 1) &&
    indentOf(unit, next) === indentOf(unit, line)
  ) {
    const text = unit.text.slice(next.code, next.end) + unit.text.slice(line.end, next.code) + own;
    yield move(line.code, next.end, text, 0.3, "two statements are in the wrong order");
  }
  if (unit.language === "python") {
    const why = "the statement is at the wrong depth of indentation";
    for (const [indent, prior] of otherDepths(unit, number))
      yield move(line.start, line.code, indent, prior, why);
    return;
  }
  const why = "the statement is on the wrong side of the end of its block";
  const closes = (one: Line | undefined) =>
    one !== undefined && /^\s*\}\s*$/.test(unit.text.slice(one.start, one.end));
  if (next !== undefined && closes(next)) {
    const closing = unit.text.slice(next.start, next.end);
    yield move(line.start, next.end, closing + lineBreak(unit) + indentOf(unit, next) + own, 0.15, why);
  }
  if (before !== undefined && closes(before)) {
    const ending = unit.text.slice(before.start, before.end);
    yield move(
      before.start,
      line.end,
      `${indentOf(unit, line)}  ${own}${lineBreak(unit)}${ending}`,
      0.12,
      why,
    );
  }
}

function otherDepths(unit: SourceUnit, number: number): [indent: string, prior: number][] {
  const line = unit.lines[number];
  const own = line === undefined ? "" : indentOf(unit, line);
  const isReturn = textAt(unit, line?.firstToken ?? -1) === "return";
  const before = unit.lines.slice(0, number).findLast((one) => one.firstToken < one.tokensEnd);
  const above = before === undefined ? "" : indentOf(unit, before);
  const step = own.startsWith("\t") ? 1 : own.length % 4 === 0 ? 4 : 2;
  const depths: [string, number][] = above.length > own.length ? [[above, 0.2]] : [];
  if (own.length > step) depths.push([own.slice(step), isReturn ? 0.45 : 0.25]);
  if (own.length > 2 * step) depths.push([own.slice(2 * step), isReturn ? 0.2 : 0.08]);
  return depths;
}

/** Another first word: `break` for `continue`, `while` for `if`, `if` for `elif` and the like. */
const HEADS: Readonly<Record<string, readonly [text: string, prior: number, why: string][]>> = {
  break: [["continue", 0.6, "the loop ends where it should go on"]],
  continue: [["break", 0.6, "the loop goes on where it should end"]],
  pass: [
    ["break", 0.12, "the loop does not end"],
    ["continue", 0.12, "the rest of the loop body is not skipped"],
  ],
  if: [["while", 0.12, "the step has to be repeated"]],
  while: [["if", 0.12, "the step must not be repeated"]],
  elif: [["if", 0.2, "the second test must not depend on the first"]],
};

/** Loop and branch words, and a missing `return` in front of a call or value. */
export function* loopControl({ unit, line: number }: LineSite): Iterable<Proposal> {
  const line = unit.lines[number];
  const head = line && unit.tokens[line.firstToken];
  if (line === undefined || head === undefined) return;
  const swap = (text: string, prior: number, why: string) =>
    edit("loop-control", head.start, head.end, text, prior, why);
  for (const row of Object.hasOwn(HEADS, head.text) ? (HEADS[head.text] ?? []) : []) yield swap(...row);
  if (unit.language === "python" && head.text === "if" && line.start !== line.code)
    yield swap("elif", 0.12, "the second test must depend on the first");
  const joined = unit.tokens.slice(line.firstToken, line.firstToken + 3);
  if (joined.map(({ text }) => text).join(" ") === "} else if")
    yield edit(
      "loop-control",
      head.end,
      joined[2]?.start ?? head.end,
      " ",
      0.1,
      "the second test must not depend on the first",
    );
  const isValue = head.kind === "name" || /^(await|new|[[(])$/.test(head.text);
  if (!isValue || !isSimpleStatement(unit, number)) return;
  const tokens = unit.tokens.slice(line.firstToken, line.tokensEnd);
  if (!tokens.some(({ text }) => /^([-+*/%]|\/\/|\*\*|&&|\|\||\?\?)?=$/.test(text)))
    yield insertBefore(unit, line.firstToken, "return-value", ["return ", 0.35], "the value is not returned");
}

/** An in-place change where the result is to be kept: `x.update(y)` for `x = y`. */
export function* keptResult({ unit, line: number }: LineSite): Iterable<Proposal> {
  const line = unit.lines[number];
  if (line === undefined || !isSimpleStatement(unit, number)) return;
  const text = unit.text.slice(line.code, line.end);
  const [, target, argument] = /^([\w.[\]]+)\.\w+\(([^()]+)\);?$/.exec(text) ?? [];
  if (target === undefined || argument === undefined) return;
  const end = byLanguage(unit, "", ";");
  yield edit(
    "assignment",
    line.code,
    line.end,
    `${target} = ${argument}${end}`,
    0.08,
    `\`${target}\` is to be replaced, not changed`,
  );
}
