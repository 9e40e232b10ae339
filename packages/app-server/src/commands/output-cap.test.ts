import fc from "fast-check";
import { expect, test } from "vitest";
import { OutputCap } from "./output-cap.ts";

test("the first bytes come through, however they are cut, and it is said once that there were more", () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)));
  fc.assert(
    fc.property(chunks, fc.nat(60), (all, bytes) => {
      const cap = new OutputCap(bytes);
      const taken = all.map((chunk) => cap.take(chunk));
      const whole = Buffer.concat(all);
      expect(Buffer.concat(taken.map(({ part }) => part))).toEqual(whole.subarray(0, bytes));
      expect(taken.filter(({ reached }) => reached)).toHaveLength(whole.length > bytes ? 1 : 0);
    }),
  );
});
