import fc from "fast-check";
import { expect, test } from "vitest";
import { formatKeyPath, parseKeyPath } from "./key-path.ts";

test("a path survives being written and read", () => {
  const path = fc.array(fc.string({ unit: "grapheme", maxLength: 12 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(path, (parts) => {
      expect(parseKeyPath(formatKeyPath(parts))).toEqual(parts);
    }),
  );
});

test.each([
  ["a.b", ["a", "b"]],
  ['a."b.c".d', ["a", "b.c", "d"]],
  ["'/home/x'", ["/home/x"]],
  ['"tab\\there"', ["tab\there"]],
  ['"\\U0001F600"', ["😀"]],
  ['"\\U0000000a\\e\\x41"', ["\n\u001bA"]],
  ['"\\\\U0001F600"', ["\\U0001F600"]],
])("%s", (text, path) => {
  expect(parseKeyPath(text)).toEqual(path);
});

test.each(["", "a.", ".a", "a b", 'a"b"', "a=b"])("%j is not a key", (text) => {
  expect(() => parseKeyPath(text)).toThrow(/is not a configuration key/);
});
