import fc from "fast-check";
import { expect, test } from "vitest";
import { LineReader } from "./line-reader.ts";

function read(chunks: readonly Buffer[], maxBytes: number) {
  const lines: string[] = [];
  let oversized = 0;
  const reader = new LineReader({
    maxBytes,
    onLine: (line) => lines.push(line),
    onOversized: () => {
      oversized += 1;
    },
  });
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return { lines, oversized };
}

test("however the bytes are cut, the lines are the same", () => {
  const text = fc
    .array(fc.string({ unit: "binary" }).map((line) => line.replaceAll("\n", " ")))
    .map((all) => all.join("\n"));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9 }), (all, size) => {
      const bytes = Buffer.from(all);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      const expected = bytes
        .toString("utf8")
        .split("\n")
        .filter((line) => line.trim() !== "");
      expect(read(chunks, 1_000_000)).toEqual({ lines: expected, oversized: 0 });
    }),
  );
});

test("a long line is refused once and the next one is read", () => {
  const chunks = ["abc", "defgh", "ijklmnop\nnext\n", "0123456789a\nlast"].map((part) => Buffer.from(part));
  expect(read(chunks, 10)).toEqual({ lines: ["next", "last"], oversized: 2 });
});
