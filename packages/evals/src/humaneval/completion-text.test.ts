import { expect, test } from "vitest";
import { completionOf } from "./completion-text.ts";

const problem = { prompt: 'def add(a, b):\n    """Sum."""\n', entry_point: "add" };
const whole = "def add(a, b):\n    return a + b\n";

test.each([
  ["a fenced function", `Sure!\n\`\`\`python\n${whole}\`\`\`\nDone.`, `\n\n${whole}`],
  [
    "the block with the function, not the first",
    `\`\`\`\npip\n\`\`\`\n\`\`\`py\n${whole}\`\`\``,
    `\n\n${whole}`,
  ],
  ["a function without a fence", whole, `\n\n${whole}`],
  ["a body alone", "    return a + b\n", "    return a + b\n"],
  ["nothing", "", ""],
])("%s", (_, answer, completion) => {
  expect(completionOf(answer, problem)).toBe(completion);
});

test("a prompt without a docstring gets a body before the function is defined again", () => {
  expect(completionOf(whole, { ...problem, prompt: "def add(a, b):\n" })).toBe(`    pass\n\n\n${whole}`);
});
