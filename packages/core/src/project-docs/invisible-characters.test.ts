import fc from "fast-check";
import { expect, test } from "vitest";
import { removeInvisible } from "./invisible-characters.ts";

const INVISIBLE_POINTS = [
  0x00, 0x07, 0x08, 0x0b, 0x0c, 0x1b, 0x7f, 0x80, 0x85, 0x9f, 0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4,
  0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2061,
  0x2064, 0x2066, 0x2067, 0x2068, 0x2069, 0x206f, 0x3164, 0xfe00, 0xfe0f, 0xfeff, 0xffa0, 0xfff9, 0xfffb,
  0x1d173, 0xe0001, 0xe0041, 0xe007f, 0xe0100, 0xe01ef,
];

test.each(INVISIBLE_POINTS.map((point) => [point.toString(16), point] as const))(
  "U+%s is removed",
  (_, point) => {
    expect(removeInvisible(`a${String.fromCodePoint(point)}b`)).toEqual({ text: "ab", removed: 1 });
  },
);

test.each([
  ["line breaks and tabs", "a\r\n\tb\n"],
  ["accents and other scripts", "naïve café Ünïcödé 日本語 한국어 עברית Ελληνικά e\u0301"],
  ["an emoji with its variation selector", "⚠️ careful, 1️⃣ first"],
  ["a joined emoji", "👩‍💻 👨‍👩‍👧 🏳️‍🌈 👍🏽"],
  ["joiners of scripts that need them", "می\u200cخواهم क्\u200dष"],
])("%s stay", (_, text) => {
  expect(removeInvisible(text)).toEqual({ text, removed: 0 });
});

test("a row of variation selectors behind an emoji, which can carry a message, is cut to one", () => {
  expect(removeInvisible("😀\ufe0f\ufe01\ufe02\ufe0f")).toEqual({ text: "😀\ufe0f", removed: 3 });
});

test("what was cleaned is clean, and nothing visible is lost", () => {
  const piece = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(...INVISIBLE_POINTS.map((p) => String.fromCodePoint(p))),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const once = removeInvisible(pieces.join(""));
      const printable = (text: string) =>
        text.replace(/[\p{Default_Ignorable_Code_Point}\p{Cc}\ufff9-\ufffb]/gu, "");
      expect(printable(once.text)).toBe(printable(pieces.join("")));
    }),
  );
});
