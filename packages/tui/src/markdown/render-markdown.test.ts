import fc from "fast-check";
import { expect, test } from "vitest";
import { plainText } from "../text/styled-line.ts";
import { wrapLine } from "../text/wrap.ts";
import { cutMarkdown, MARKDOWN_BEGIN } from "./finished-part.ts";
import { renderMarkdown } from "./render-markdown.ts";
import { NO_SYNTAX } from "./syntax.ts";

function drawn(text: string, columns = 40, fence: string | null = null): string[] {
  return renderMarkdown(text, fence, { columns, syntax: NO_SYNTAX })
    .flatMap((line) => (line.verbatim ? [line] : wrapLine(line, columns)))
    .map(plainText);
}

test("headings, paragraphs, lists, quotations and code", () => {
  const text = [
    "# Result",
    "",
    "All **good**, see `src/a.ts`",
    "and [the page](https://example.com/x).",
    "",
    "- first point that is long enough to be broken over two rows",
    "  1. inner",
    "- [x] done",
    "",
    "> quoted words that go over more than one row of the screen",
    "",
    "```ts",
    "const a = 1;",
    "",
    "```",
  ].join("\n");
  expect(drawn(text)).toEqual([
    "Result",
    "",
    "All good, see src/a.ts and the page",
    "(https://example.com/x).",
    "",
    "• first point that is long enough to be",
    "  broken over two rows",
    "  1. inner",
    "✔ done",
    "",
    "│ quoted words that go over more than",
    "│ one row of the screen",
    "",
    "const a = 1;",
    "",
  ]);
});

test("a table takes what room there is", () => {
  const text =
    "| name | what it does |\n|---|---:|\n| alpha | short |\n| b | a longer text that needs room |";
  expect(drawn(text, 24)).toEqual([
    "name        what it does",
    "─────  ─────────────────",
    "alpha              short",
    "b          a longer text",
    "         that needs room",
  ]);
});

test("what could steer the terminal is made visible, HTML is shown as it was written", () => {
  expect(drawn("a\u001b[31mb \u202ereversed <b>bold</b>")).toEqual(["ab <U+202E>reversed <b>bold</b>"]);
});

test("cutting streamed text anywhere changes nothing but the cuts", () => {
  const piece = fc.constantFrom(
    "# Title\n\n",
    "Some words.\n\n",
    "- one\n- two\n\n",
    "1. first\n\n   more of it\n\n",
    "1. first\n2. second\n   - inner\n3. third\n\n",
    "1. first\n1. second\n1. third\n\n",
    "* one\n\n* two\nand more\n* three\n\n",
    "words\n- one\n- two\n",
    "```js\nlet a;\n\nlet b;\n```\n\n",
    "> quote\n\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
  );
  const size = fc.integer({ min: 1, max: 7 });
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 8 }),
      fc.array(size, { minLength: 1 }),
      (pieces, sizes) => {
        const text = pieces.join("");
        const shown: string[] = [];
        let rest = "";
        let place = MARKDOWN_BEGIN;
        let at = 0;
        for (let turn = 0; at < text.length; turn += 1) {
          const end = at + (sizes[turn % sizes.length] ?? 1);
          const cut = cutMarkdown(rest + text.slice(at, end), place);
          at = end;
          if (cut.finished !== "") shown.push(...drawn(cut.finished, 40, place.fence));
          ({ rest, place } = cut);
        }
        shown.push(...drawn(rest, 40, place.fence));
        // A point that is shown before the list ends cannot know how wide the numbers below it will be.
        const words = (lines: string[]) =>
          lines.map((line) => line.trimStart()).filter((line) => line !== "");
        expect(words(shown)).toEqual(words(drawn(text)));
      },
    ),
    { numRuns: 300 },
  );
});
