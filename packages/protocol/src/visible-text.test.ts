import fc from "fast-check";
import { expect, test } from "vitest";
import { hidesText, jsonLine, visibleLine, visibleText, withoutControls } from "./visible-text.ts";

test("ordinary text, line breaks, tabs and other scripts pass unchanged", () => {
  const text = "naïve\t日本語 🦀\n\tline two — “quoted”";
  expect(visibleText(text)).toBe(text);
  expect(hidesText(text)).toBe(false);
});

test.each([
  ["\u001b[31mred\u001b[0m", "␛[31mred␛[0m"],
  ["\u001b]52;c;ZXZpbA==\u0007", "␛]52;c;ZXZpbA==␇"],
  ["safe\roverwritten", "safe␍overwritten"],
  ["a\u009b31mb", "a<U+009B>31mb"],
  ["rm \u202egpj.x", "rm <U+202E>gpj.x"],
  ["ad\u200bmin", "ad<U+200B>min"],
  ["tag\u{e0041}", "tag<U+E0041>"],
  ["\u0000\b\u007f", "␀␈␡"],
])("%j is shown as %j", (input, expected) => {
  expect(visibleText(input)).toBe(expected);
});

test("a line stays one line", () => {
  expect(visibleLine("a\nb\tc")).toBe("a␊b c");
});

test("hidden characters are noticed, control characters are not hidden ones", () => {
  expect([hidesText("a\u202eb"), hidesText("a\u{e0020}b"), hidesText("a\u001bb")]).toEqual([
    true,
    true,
    false,
  ]);
});

test("no control or invisible character ever comes out, and showing twice changes nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const shown = visibleText(text);
      expect(hidesText(shown)).toBe(false);
      expect(
        [...shown].every((c) => c === "\n" || c === "\t" || (c >= " " && (c < "\u007f" || c > "\u009f"))),
      ).toBe(true);
      expect(visibleText(shown)).toBe(shown);
    }),
  );
});

test("text for a program keeps its line ends, joiners and marks, and loses what steers a terminal", () => {
  expect(withoutControls("a\r\nb\rc\u001b]52;c;eA==\u0007\u009b2J \u{1f468}\u200d\u{1f469} \u202bx")).toBe(
    "a\r\nb␍c␛]52;c;eA==␇<U+009B>2J \u{1f468}\u200d\u{1f469} \u202bx",
  );
});

test("a line of JSON means the same and holds nothing that a terminal acts on", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const line = jsonLine({ text });
      expect(JSON.parse(line)).toEqual({ text });
      expect(visibleText(line)).toBe(line);
    }),
  );
});
