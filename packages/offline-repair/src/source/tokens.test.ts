import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tokenizeJavaScript } from "./javascript-tokens.ts";
import { tokenizePython } from "./python-tokens.ts";
import { isTestPath, languageOf, type Token } from "./token.ts";

const texts = (tokens: readonly Token[]) => tokens.map((token) => token.text);

describe("Python", () => {
  test("strings, comments, operators and continued lines", () => {
    const source =
      'def f(a, *b):  # doc\n    """x\n    y"""\n    return a[1:-1] // 2 ** 3 if a != rb\'\\\'\' else 0xFF_FF\n';
    expect(texts(tokenizePython(source))).toEqual(
      'def f ( a , * b ) : """x\n    y""" return a [ 1 : - 1 ] // 2 ** 3 if a != rb\'\\\'\' else 0xFF_FF'
        .replace('"""x\n    y"""', "DOC")
        .split(" ")
        .map((text) => (text === "DOC" ? '"""x\n    y"""' : text)),
    );
  });

  test("lines count through strings of several lines", () => {
    expect(tokenizePython('"""a\nb"""\nc').map(({ text, line }) => [text, line])).toEqual([
      ['"""a\nb"""', 0],
      ["c", 2],
    ]);
  });
});

describe("JavaScript", () => {
  test("a slash divides after a value and opens a pattern elsewhere", () => {
    expect(texts(tokenizeJavaScript("a / b; x = /[/]\\/g/.test(s) / 2; return /x/i"))).toEqual([
      ..."a / b ; x =".split(" "),
      "/[/]\\/g/",
      ...". test ( s ) / 2 ; return".split(" "),
      "/x/i",
    ]);
  });

  test("expressions inside template literals are tokens", () => {
    expect(texts(tokenizeJavaScript("`a\x24{b + `c\x24{d}`}e`;"))).toEqual([
      "`a\x24{",
      "b",
      "+",
      "`c\x24{",
      "d",
      "}`",
      "}e`",
      ";",
    ]);
  });

  test("long operators and keywords used as names", () => {
    expect(
      tokenizeJavaScript("a?.in ??= b >>>= c !== d?.5:1").map(({ text, kind }) => `${kind} ${text}`),
    ).toEqual([
      "name a",
      "op ?.",
      "name in",
      "op ??=",
      "name b",
      "op >>>=",
      "name c",
      "op !==",
      "name d",
      "op ?",
      "number .5",
      "op :",
      "number 1",
    ]);
  });
});

test("any text yields ordered tokens that lie in it, on the lines that they say", () => {
  const pieces = fc.constantFrom(
    "'",
    '"',
    "`",
    "\x24{",
    "}",
    "/",
    "//",
    "/*",
    "#",
    "\n",
    "\\",
    "a",
    "1.5e3",
    '"""',
    "🦊",
    " ",
    "=",
    "(",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const text = parts.join("");
      for (const tokens of [tokenizePython(text), tokenizeJavaScript(text)]) {
        let end = 0;
        for (const token of tokens) {
          expect(token.start).toBeGreaterThanOrEqual(end);
          expect(token.text).toBe(text.slice(token.start, token.end));
          expect(token.text).not.toBe("");
          expect(token.line).toBe(text.slice(0, token.start).split("\n").length - 1);
          end = token.end;
        }
      }
    }),
  );
});

test.each([
  ["src/a.py", false],
  ["tests/a.py", true],
  ["test_a.py", true],
  ["pkg/a_test.py", true],
  ["conftest.py", true],
  ["contest.py", false],
  ["latest.js", false],
  ["a.test.ts", true],
  ["a.spec.jsx", true],
  ["test.js", true],
  ["lib/test-a.mjs", true],
  ["__tests__/a.js", true],
  ["src/testing.ts", false],
  ["attest/a.js", false],
])("%s is a test: %s", (path, expected) => {
  expect(isTestPath(path)).toBe(expected);
});

test("languages go by extension", () => {
  expect(["a.py", "a.cjs", "a.mts", "a.rs", "py"].map(languageOf)).toEqual([
    "python",
    "javascript",
    "typescript",
    null,
    "python",
  ]);
});
