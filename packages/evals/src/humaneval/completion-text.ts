import { codeBlocks } from "./code-blocks.ts";
import type { Problem } from "./problem.ts";

/** How a chat model is asked for a completion, and how its answer becomes one. */
export interface AnswerForm {
  /** The language's name, for the request. */
  readonly language: string;
  readonly completionOf: (answer: string, problem: Problem) => string;
}

/** For problems in Python. */
export const PYTHON_ANSWERS: AnswerForm = { language: "Python", completionOf };

/**
 * What a chat model answered, as a completion of the prompt. An answer that defines the function again replaces it:
 * the prompt's own definition gets a body, and the later one counts. Anything else is taken as the body itself.
 */
export function completionOf(answer: string, problem: Pick<Problem, "prompt" | "entry_point">): string {
  const defines = new RegExp(`^[ \\t]*(?:async[ \\t]+)?def[ \\t]+${escaped(problem.entry_point)}\\b`, "m");
  const blocks = codeBlocks(answer, ["python", "py"]);
  const code = blocks.find((block) => defines.test(block)) ?? blocks[0] ?? answer;
  if (!defines.test(code)) return code;
  return `${/("""|''')\s*$/.test(problem.prompt) ? "" : "    pass\n"}\n\n${code}`;
}

function escaped(name: string): string {
  return name.replaceAll(/[^\w]/g, "\\$&");
}
