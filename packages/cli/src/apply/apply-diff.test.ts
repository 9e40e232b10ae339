import { unifiedDiff } from "@quire/apply-patch";
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyHunks, hunksOf } from "./apply-diff.ts";

const text = fc
  .tuple(
    fc.array(fc.constantFrom("a\n", "b\n", "c\n", "\n", "-x\n", "+y\n", "@@ -1 +1 @@\n", "\r\n")),
    fc.boolean(),
  )
  .map(([lines, ended]) => (ended ? lines.join("") : `${lines.join("")}end`));

test("what a diff says of two texts turns one into the other", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = unifiedDiff("f", "f", Buffer.from(before), Buffer.from(after)).text;
      expect(applyHunks(before, hunksOf(diff) ?? [])).toEqual({ ok: true, text: after });
    }),
  );
});

test("lines may have moved, and of two places the nearer one counts", () => {
  const hunks = hunksOf("@@ -2,2 +2,2 @@\n x\n-y\n+z\n") ?? [];
  expect(applyHunks("1\n2\n3\nx\ny\n", hunks)).toEqual({ ok: true, text: "1\n2\n3\nx\nz\n" });
  expect(applyHunks("x\ny\n\n\n\n\nx\ny\n", hunks)).toEqual({ ok: true, text: "x\nz\n\n\n\n\nx\ny\n" });
});

test("a line around the change that is not there any more is a refusal", () => {
  const hunks = hunksOf("@@ -1,2 +1,2 @@\n x\n-y\n+z\n") ?? [];
  expect(applyHunks("X\ny\n", hunks)).toEqual({
    ok: false,
    reason: "what it changes at line 1 is not there any more",
  });
});

test("a binary diff and a broken one are no text diffs", () => {
  expect(hunksOf("diff --git a/x b/x\nBinary files a/x and b/x differ\n")).toBeNull();
  expect(hunksOf("@@ -1,2 +1 @@\n x\n")).toBeNull();
});
