import { codeBlocks } from "../humaneval/code-blocks.ts";
import { type AnswerForm, PYTHON_ANSWERS } from "../humaneval/completion-text.ts";
import type { Problem } from "../humaneval/problem.ts";
import type { MultiplLanguage } from "./languages.ts";

/** For problems in one of MultiPL-E's languages, whose prompts end within an open function. Python's are HumanEval's. */
export function multiplAnswers(language: MultiplLanguage): AnswerForm {
  if (language.title === PYTHON_ANSWERS.language) return PYTHON_ANSWERS;
  return {
    language: language.title,
    completionOf: (answer, problem) => completionOf(answer, problem, language),
  };
}

/**
 * The body of the function in an answer that defines it again, with what stands around it behind, or before where the
 * tests themselves close the function. Anything else is taken as the body.
 */
function completionOf(answer: string, problem: Problem, language: MultiplLanguage): string {
  const blocks = codeBlocks(answer, language.fences);
  const codes = blocks.length > 0 ? blocks : [answer];
  for (const code of codes) {
    const definition = lastDefinition(code, problem.entry_point, language);
    if (definition === undefined) continue;
    const before = code.slice(0, definition.start);
    const body = code.slice(bodyStart(code, definition.end));
    if (!problem.test.trimStart().startsWith("}")) return `${body}\n${before}`;
    return `${before}\n${body.split(/^\}/m)[0]}`;
  }
  return codes[0] ?? "";
}

/** The last one, because TypeScript states overloads before it. */
function lastDefinition(code: string, name: string, { definition }: MultiplLanguage) {
  const all = new RegExp(definition, `g${definition.flags}`);
  const found = [...code.matchAll(all)].findLast((match) => match[1] === name);
  return found === undefined ? undefined : { start: found.index, end: found.index + found[0].length };
}

/** Behind the brace that opens the body. A type of TypeScript's may have braces as well, but ends no line with one. */
function bodyStart(code: string, from: number): number {
  const afterParameters = closingParenthesis(code, from);
  const first = code.indexOf("{", afterParameters);
  const hasType = code.slice(afterParameters, first).includes(":");
  const atLineEnd = hasType ? /\{[ \t]*\r?\n/.exec(code.slice(first)) : null;
  return first + (atLineEnd?.index ?? 0) + 1;
}

/** Behind the parentheses of the parameters, or `from` where there are none. */
function closingParenthesis(code: string, from: number): number {
  const brace = code.indexOf("{", from);
  const open = code.indexOf("(", from);
  if (open === -1 || (brace !== -1 && brace < open && code[from] !== "<")) return from;
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === "(") depth += 1;
    if (code[at] === ")") depth -= 1;
    if (depth === 0) return at + 1;
  }
  return from;
}
