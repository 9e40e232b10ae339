import fc from "fast-check";
import { expect, test } from "vitest";
import { groupedDigits } from "./grouped-digits.ts";

test("it is what the locale would write", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(groupedDigits(value)).toBe(value.toLocaleString("en-US"));
    }),
  );
});
