import fc from "fast-check";
import { expect, test } from "vitest";
import { expandPrompt, savedPrompt, shellWords } from "./saved-prompt.ts";

test("frontmatter gives the description, the rest is the prompt", () => {
  const text =
    '---\r\ndescription: "Look for bugs"\nargument-hint: FILE=<path>\nother: x\n---\n\nLook at $FILE.\n';
  expect(savedPrompt({ name: "bugs", text })).toEqual({
    name: "bugs",
    description: "Look for bugs",
    argumentHint: "FILE=<path>",
    body: "Look at $FILE.",
  });
  expect(savedPrompt({ name: "plain", text: "--- no frontmatter\nx" })).toEqual({
    name: "plain",
    description: "a saved prompt",
    argumentHint: null,
    body: "--- no frontmatter\nx",
  });
});

test.each([
  ["a $1 b $2", "x 'y z'", { text: "a x b y z" }],
  ["all: $ARGUMENTS", "x y", { text: "all: x y" }],
  ["$FILE and $1", 'FILE="my file" x', { text: "my file and x" }],
  ["$FILE $OTHER", "FILE=a", { missing: ["OTHER"] }],
  ["costs $$5, not $1", "ten", { text: "costs $5, not ten" }],
  ["no places", "but words", { text: "no places\n\nbut words" }],
  ["$1 and $2", "one", { text: "one and " }],
  ["$1", "NOT=named", { text: "NOT=named" }],
  ["$1", "$2", { text: "$2" }],
])("%j with %j", (body, words, expected) => {
  expect(expandPrompt({ body }, words)).toEqual(expected);
});

test("words in quotes come back whole, whatever they hold", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
      expect(shellWords(quoted)).toEqual(words);
    }),
  );
});
