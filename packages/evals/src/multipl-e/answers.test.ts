import { expect, test } from "vitest";
import { multiplAnswers } from "./answers.ts";
import { MULTIPL_LANGUAGES } from "./languages.ts";

/** The end of each prompt, with the function open, and what the tests begin with. */
const PROMPTS: Readonly<Record<string, readonly [prompt: string, test: string]>> = {
  js: ["// The sum.\nfunction add(a, b){\n", "const assert = require('node:assert');\n"],
  ts: ["function add(a: number, b: number): number {\n", "declare var require: any;\n"],
  sh: ["#!/bin/bash\nadd() {\n", "}\n\ncandidate() {\n"],
  pl: ["sub add {\n    my($a, $b) = @_;\n", "use Test::Deep;\n"],
};

function completionOf(id: string, answer: string): string {
  const language = MULTIPL_LANGUAGES.find((each) => each.id === id);
  const [prompt, test] = PROMPTS[id] ?? ["", ""];
  if (language === undefined) throw new RangeError(id);
  const problem = { task_id: "own_add", prompt, test, entry_point: "add", call: "" };
  return multiplAnswers(language).completionOf(answer, problem);
}

test.each<[what: string, id: string, answer: string, completion: string]>([
  [
    "a fenced function",
    "js",
    "Sure!\n```js\nfunction add(a, b) {\n  return a + b;\n}\n```\nDone.",
    "\n  return a + b;\n}\n\n",
  ],
  [
    "what stands before it comes behind it",
    "js",
    "```\nconst zero = 0;\nfunction add(a, b = (1)) { return a + b + zero; }\nfunction other() {}\n```",
    " return a + b + zero; }\nfunction other() {}\n\nconst zero = 0;\n",
  ],
  [
    "types with braces, and overloads",
    "ts",
    "function add(a: string): string;\nfunction add(a: { x: number }, b?: T): { sum: number } {\n  return { sum: 1 };\n}\n",
    "\n  return { sum: 1 };\n}\n\nfunction add(a: string): string;\n",
  ],
  ["a generic function", "ts", "function add<T>(a: T[], b: T): T {\n  return b;\n}", "\n  return b;\n}\n"],
  [
    "the brace that the tests close",
    "sh",
    '```bash\n#!/bin/bash\nhelp() { echo; }\nadd() {\n    if true; then { echo $1; }; fi\n}\nadd "$@"\n```',
    "#!/bin/bash\nhelp() { echo; }\n\n\n    if true; then { echo $1; }; fi\n",
  ],
  [
    "Perl",
    "pl",
    "```perl\nuse strict;\nsub add {\n    my ($a, $b) = @_;\n    return $a + $b;\n}\n```",
    "\n    my ($a, $b) = @_;\n    return $a + $b;\n}\n\nuse strict;\n",
  ],
  ["a body alone", "js", "    return a + b;\n}", "    return a + b;\n}"],
  ["another function only", "js", "```js\nfunction sum(a) {}\n```", "function sum(a) {}\n"],
  ["nothing", "ts", "", ""],
])("%s", (_, id, answer, completion) => {
  expect(completionOf(id, answer)).toBe(completion);
});
