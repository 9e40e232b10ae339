import { type Line, type SourceUnit, textAt } from "../source/unit.ts";
import type { LineSite, Proposal } from "./template.ts";

/** Whether a line is one whole simple statement: brackets closed and no block opened, so it can be moved about. */
export function isSimpleStatement(unit: SourceUnit, number: number): boolean {
  const line = unit.lines[number];
  if (line === undefined || line.firstToken === line.tokensEnd) return false;
  for (let at = line.firstToken; at < line.tokensEnd; at++) {
    const partner = unit.partner[at] ?? -1;
    if (partner >= 0 && (partner < line.firstToken || partner >= line.tokensEnd)) return false;
  }
  const [head, last] = [textAt(unit, line.firstToken), textAt(unit, line.tokensEnd - 1)];
  if (unit.language === "python") {
    if (last === ":" || last === "," || head === "@" || unit.text[line.end - 1] === "\\") return false;
    return !["import", "from", "def", "class"].includes(head) && !continuesBracket(unit, line);
  }
  if (
    [
      "import",
      "export",
      "function",
      "class",
      "case",
      "default",
      "}",
      ".",
      "?",
      ":",
      "&&",
      "||",
      "//",
    ].includes(head)
  )
    return false;
  if (continuesBracket(unit, line)) return false;
  return last === ";" || (last !== "," && last !== "{" && endsStatement(unit, number, last));
}

/** Without a semicolon a line ends a statement unless an operator or the next line carries it on. */
function endsStatement(unit: SourceUnit, number: number, last: string): boolean {
  if (/^[-+*/%&|^=<>?:.(![]+$/.test(last) && last !== "++" && last !== "--") return false;
  const next = unit.lines[number + 1];
  return !next || !/^[.?:&|+*/(,[]/.test(textAt(unit, next.firstToken));
}

function continuesBracket(unit: SourceUnit, line: Line): boolean {
  for (let at = line.firstToken - 1; at >= 0 && at > line.firstToken - 200; at--) {
    const partner = unit.partner[at] ?? -1;
    if (partner >= line.tokensEnd - 1 && partner > at) return textAt(unit, at) !== "{" || inLiteral(unit, at);
  }
  return false;
}

function inLiteral(unit: SourceUnit, brace: number): boolean {
  const before = textAt(unit, brace - 1);
  return ["=", "(", ",", ":", "[", "return", "import", "export", "from"].includes(before);
}

function indentOf(unit: SourceUnit, line: Line): string {
  return unit.text.slice(line.start, line.code);
}

function lineBreak(unit: SourceUnit): string {
  return unit.text.includes("\r\n") ? "\r\n" : "\n";
}

/** A statement too many: taken out, or made empty where Python needs a body. */
export function* deletedStatement({ unit, line: number }: LineSite): Iterable<Proposal> {
  const line = unit.lines[number];
  if (line === undefined || !isSimpleStatement(unit, number)) return;
  const head = textAt(unit, line.firstToken);
  const prior = head === "return" ? 0.12 : head === "break" || head === "continue" ? 0.35 : 0.25;
  const why = "the statement does not belong there";
  if (unit.language === "python")
    yield {
      template: "extra-statement",
      start: line.code,
      end: line.end,
      text: "pass",
      prior: prior * 0.7,
      why,
    };
  const next = unit.lines[number + 1];
  yield {
    template: "extra-statement",
    start: line.start,
    end: next?.start ?? line.end,
    text: "",
    prior,
    why,
  };
}

/** A statement at the wrong place: exchanged with its neighbour, or at the wrong depth of indentation. */
export function* movedStatement({ unit, line: number }: LineSite): Iterable<Proposal> {
  const line = unit.lines[number];
  const next = unit.lines[number + 1];
  if (line === undefined || !isSimpleStatement(unit, number)) return;
  const own = unit.text.slice(line.code, line.end);
  if (
    next !== undefined &&
    isSimpleStatement(unit, number + 1) &&
    indentOf(unit, next) === indentOf(unit, line)
  ) {
    const other = unit.text.slice(next.code, next.end);
    const between = unit.text.slice(line.end, next.code);
    yield {
      template: "misplaced-statement",
      start: line.code,
      end: next.end,
      text: other + between + own,
      prior: 0.3,
      why: "two statements are in the wrong order",
    };
  }
  if (unit.language !== "python") yield* movedAcrossBrace(unit, number, own);
  else yield* reindented(unit, number);
}

function* reindented(unit: SourceUnit, number: number): Iterable<Proposal> {
  const line = unit.lines[number];
  if (line === undefined) return;
  const own = indentOf(unit, line);
  const isReturn = textAt(unit, line.firstToken) === "return";
  const before = unit.lines.slice(0, number).findLast((one) => one.firstToken < one.tokensEnd);
  const why = "the statement is at the wrong depth of indentation";
  if (before !== undefined && indentOf(unit, before).length > own.length)
    yield {
      template: "misplaced-statement",
      start: line.start,
      end: line.code,
      text: indentOf(unit, before),
      prior: 0.2,
      why,
    };
  const step = own.startsWith("\t") ? 1 : own.length % 4 === 0 ? 4 : 2;
  if (own.length > step)
    yield {
      template: "misplaced-statement",
      start: line.start,
      end: line.code,
      text: own.slice(step),
      prior: isReturn ? 0.45 : 0.25,
      why,
    };
  if (own.length > 2 * step)
    yield {
      template: "misplaced-statement",
      start: line.start,
      end: line.code,
      text: own.slice(2 * step),
      prior: isReturn ? 0.2 : 0.08,
      why,
    };
}

function* movedAcrossBrace(unit: SourceUnit, number: number, own: string): Iterable<Proposal> {
  const [line, next] = [unit.lines[number], unit.lines[number + 1]];
  const br = lineBreak(unit);
  const why = "the statement is on the wrong side of the end of its block";
  if (line === undefined || next === undefined) return;
  const closing = unit.text.slice(next.start, next.end);
  if (/^\s*\}\s*$/.test(closing))
    yield {
      template: "misplaced-statement",
      start: line.start,
      end: next.end,
      text: `${closing}${br}${indentOf(unit, next)}${own}`,
      prior: 0.15,
      why,
    };
  const before = unit.lines[number - 1];
  if (before === undefined) return;
  const ending = unit.text.slice(before.start, before.end);
  if (/^\s*\}\s*$/.test(ending))
    yield {
      template: "misplaced-statement",
      start: before.start,
      end: line.end,
      text: `${indentOf(unit, line)}  ${own}${br}${ending}`,
      prior: 0.12,
      why,
    };
}

/** `break` for `continue`, a `return` for either, and a missing `return` in front of a call or value. */
export function* loopControl({ unit, line: number }: LineSite): Iterable<Proposal> {
  const line = unit.lines[number];
  const head = line && unit.tokens[line.firstToken];
  if (line === undefined || head === undefined) return;
  const swap = (text: string, prior: number, why: string): Proposal => ({
    template: "loop-control",
    start: head.start,
    end: head.end,
    text,
    prior,
    why,
  });
  if (head.text === "break") yield swap("continue", 0.6, "the loop ends where it should go on");
  if (head.text === "continue") yield swap("break", 0.6, "the loop goes on where it should end");
  if (head.text === "pass") {
    yield swap("break", 0.12, "the loop does not end");
    yield swap("continue", 0.12, "the rest of the loop body is not skipped");
  }
  if (head.text === "if") yield swap("while", 0.12, "the step has to be repeated");
  if (head.text === "while") yield swap("if", 0.12, "the step must not be repeated");
  if (head.text === "elif") yield swap("if", 0.2, "the second test must not depend on the first");
  if (unit.language === "python" && head.text === "if" && line.start !== line.code)
    yield swap("elif", 0.12, "the second test must depend on the first");
  if (
    unit.language !== "python" &&
    head.text === "}" &&
    textAt(unit, line.firstToken + 1) === "else" &&
    textAt(unit, line.firstToken + 2) === "if"
  ) {
    const [from, to] = [unit.tokens[line.firstToken + 1], unit.tokens[line.firstToken + 2]];
    if (from && to)
      yield {
        template: "loop-control",
        start: from.start,
        end: to.start,
        text: "",
        prior: 0.1,
        why: "the second test must not depend on the first",
      };
  }
  const value =
    head.kind === "name" ||
    head.text === "await" ||
    head.text === "new" ||
    head.text === "[" ||
    head.text === "(";
  if (!value || !isSimpleStatement(unit, number)) return;
  const assigns = unit.tokens
    .slice(line.firstToken, line.tokensEnd)
    .some((token) => /^([-+*/%]|\/\/|\*\*|&&|\|\||\?\?)?=$/.test(token.text));
  if (!assigns)
    yield {
      template: "return-value",
      start: head.start,
      end: head.start,
      text: "return ",
      prior: 0.35,
      why: "the value is not returned",
    };
  if (textAt(unit, line.firstToken) === "yield") return;
}
