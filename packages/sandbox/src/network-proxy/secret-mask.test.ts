import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SecretMask } from "./secret-mask.ts";

test("a secret is covered wherever chunks are cut, and nothing else changes", async () => {
  const secret = "tok-123456";
  const piece = fc.constantFrom(secret, `Bearer ${secret}`, "tok-12345", "x", secret.slice(3), "\n");
  const text = fc.array(piece).map((pieces) => pieces.join(""));
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.integer({ min: 1, max: 7 })), async (whole, sizes) => {
      const chunks: Buffer[] = [];
      for (let rest = Buffer.from(whole), turn = 0; rest.length > 0; turn++) {
        const size = sizes[turn % Math.max(1, sizes.length)] ?? 5;
        chunks.push(rest.subarray(0, size));
        rest = rest.subarray(size);
      }
      const mask = new SecretMask([`Bearer ${secret}`]);
      const masked = (await buffer(Readable.from(chunks).pipe(mask.stream()))).toString();
      expect(masked).toBe(
        whole.replaceAll(`Bearer ${secret}`, "*".repeat(17)).replaceAll(secret, "*".repeat(10)),
      );
    }),
  );
});

test("what is too short to be told from ordinary text is left alone", () => {
  expect(new SecretMask(["abc"]).text("abcabc")).toBe("abcabc");
});
