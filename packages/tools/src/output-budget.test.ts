import fc from "fast-check";
import { expect, test } from "vitest";
import { estimateTokens, truncateMiddle } from "./output-budget.ts";

const NOTICE = /… (\d+) bytes(?: \(([\d,]+) lines?\))? omitted …/;

/** Splits a cut text at its notice. The line ends around the notice are not part of the kept text. */
function partsOf(text: string, original: string) {
  const found = NOTICE.exec(text);
  if (found === null) throw new Error(`no notice in ${text}`);
  const before = text.slice(0, found.index);
  const tail = text.slice(found.index + found[0].length).replace(/^\n/, "");
  const head = original.startsWith(before) ? before : before.replace(/\n$/, "");
  return { head, tail, bytes: Number(found[1]), lines: Number((found[2] ?? "0").replaceAll(",", "")) };
}

const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 3000 }),
  fc.array(fc.string({ unit: "binary", maxLength: 60 }), { maxLength: 80 }).map((lines) => lines.join("\n")),
  fc
    .array(fc.constantFrom("a", "é", "→", "😀", "\n", "\r"), { maxLength: 4000 })
    .map((parts) => parts.join("")),
);

test("keeps a prefix and a suffix within the budget and counts exactly what it left out", () => {
  fc.assert(
    fc.property(
      anyText.filter((text) => !text.includes("…")),
      fc.integer({ min: 0, max: 500 }),
      (text, maxTokens) => {
        const result = truncateMiddle(text, { maxTokens });
        const bytes = Buffer.byteLength(text);
        expect(result.originalTokens).toBe(estimateTokens(bytes));
        expect(result.truncated).toBe(bytes > maxTokens * 4);
        if (!result.truncated) {
          expect(result).toMatchObject({ text, omittedBytes: 0, omittedLines: 0 });
          return;
        }
        expect(Buffer.byteLength(result.text)).toBeLessThanOrEqual(Math.max(maxTokens * 4, 60));
        const parts = partsOf(result.text, text);
        expect(text.startsWith(parts.head)).toBe(true);
        expect(text.endsWith(parts.tail)).toBe(true);
        const middle = text.slice(parts.head.length, text.length - parts.tail.length);
        expect({ bytes: parts.bytes, lines: parts.lines }).toEqual({
          bytes: Buffer.byteLength(middle),
          lines: middle.split("\n").length - 1,
        });
        expect(parts.bytes).toBe(result.omittedBytes);
        expect(parts.lines).toBe(result.omittedLines);
      },
    ),
  );
});

test("cuts at line ends where one is near", () => {
  const text = Array.from({ length: 1000 }, (_, index) => `line ${index}\n`).join("");
  const { text: cut } = truncateMiddle(text, { maxTokens: 50 });
  const head = "line 0\nline 1\nline 2\nline 3\nline 4\nline 5\nline 6\n";
  const tail = "line 995\nline 996\nline 997\nline 998\nline 999\n";
  const left = text.length - head.length - tail.length;
  expect(cut).toBe(`${head}… ${left} bytes (988 lines) omitted …\n${tail}`);
});

test("cuts a single long line between characters", () => {
  const { text, omittedLines } = truncateMiddle("😀".repeat(10_000), { maxTokens: 50 });
  expect(text).toBe(`${"😀".repeat(13)}\n… 39896 bytes omitted …\n${"😀".repeat(13)}`);
  expect(omittedLines).toBe(0);
});

test("leaves text of exactly the budget alone", () => {
  expect(truncateMiddle("x".repeat(400), { maxTokens: 100 }).truncated).toBe(false);
  expect(truncateMiddle("x".repeat(401), { maxTokens: 100 }).truncated).toBe(true);
});
