import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineMatcher, type Match } from "./match.ts";
import { readTextFile } from "./text-file.ts";
import { normalisePunctuation, trim, trimEnd } from "./whitespace.ts";

const file = (lines: readonly string[]) =>
  readTextFile(Buffer.from(lines.map((line) => `${line}\n`).join("")));

/** The rule as plainly as it can be said. */
function naive(lines: readonly string[], pattern: readonly string[], from: number): Match | undefined {
  const steps = [
    ["exact", (text: string) => text],
    ["trim_end", trimEnd],
    ["trim", trim],
    ["punctuation", normalisePunctuation],
  ] as const;
  for (const [step, loosen] of steps) {
    for (let start = from; start + pattern.length <= lines.length; start += 1) {
      const fits = pattern.every((line, offset) => loosen(line) === loosen(lines[start + offset] ?? ""));
      if (fits) return { start, step };
    }
  }
  return undefined;
}

const line = fc.constantFrom(
  "",
  "a",
  "a ",
  " a",
  "\u2013",
  "-",
  "\u201cb\u201d",
  '"b"',
  "c\u00a0",
  "\u0085d",
  "e\ufeff",
);

describe("LineMatcher", () => {
  test("finds what the plain rule finds, also after many searches", () => {
    const searches = fc.array(fc.tuple(fc.array(line, { minLength: 1, maxLength: 3 }), fc.nat(20)), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 25 }), searches, (lines, wanted) => {
        const matcher = new LineMatcher(file(lines));
        for (const [pattern, from] of wanted) {
          expect(matcher.find(pattern, from)).toEqual(naive(lines, pattern, from));
        }
      }),
      { numRuns: 400 },
    );
  });

  test("at the end means the last lines and nothing else", () => {
    const matcher = new LineMatcher(file(["a", "b", "a", "b "]));
    expect(matcher.find(["a", "b"], 0, { atEnd: true })).toEqual({ start: 2, step: "trim_end" });
    expect(matcher.find(["a"], 0, { atEnd: true })).toBeUndefined();
    expect(matcher.find(["b"], 4, { atEnd: true })).toBeUndefined();
  });

  test.each([
    ["\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-------"],
    ["\u2018\u2019\u201a\u201b", "''''"],
    ["\u201c\u201d\u201e\u201f", '""""'],
    ["x\u00a0\u2002\u2003\u2009\u202f\u205f\u3000x", "x       x"],
  ])("reads %s as ASCII", (typographic, plain) => {
    expect(new LineMatcher(file([typographic])).find([plain], 0)).toEqual({ start: 0, step: "punctuation" });
    expect(new LineMatcher(file([plain])).find([typographic], 0)).toEqual({ start: 0, step: "punctuation" });
  });
});
