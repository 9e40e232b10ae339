import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyPatch } from "@quire/apply-patch";
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyEdit, patchFor, reversePatchFor } from "./patch-text.ts";

test("context grows until the place is the only one of its kind", () => {
  const block = "a\nb\nc\nx = 1\nd\ne\nf\n";
  const text = `one\n${block}two\n${block}`;
  const start = text.lastIndexOf("1");
  const patch = patchFor({ path: "a.py", text }, { start, end: start + 1, text: "2" });
  expect(patch).toContain("\n two\n a\n b\n c\n-x = 1\n+x = 2\n d\n");
});

test("any edit of lines becomes a patch that makes it, and one that takes it back", async () => {
  const folder = mkdtempSync(join(tmpdir(), "quire-offline-patch-"));
  const word = fc.constantFrom("a", "b", "if x:", "    y = 1", "}", "é");
  const lines = fc.array(word, { minLength: 1, maxLength: 12 });
  try {
    await fc.assert(
      fc.asyncProperty(
        lines,
        fc.nat(),
        fc.nat({ max: 6 }),
        fc.constantFrom("", "q", "\n  z", "k\n"),
        async (chosen, from, length, put) => {
          const text = `${chosen.join("\n")}\n`;
          const start = from % text.length;
          const edit = { start, end: Math.min(text.length - 1, start + length), text: put };
          const edited = applyEdit(text, edit);
          if (edited === text) return;
          writeFileSync(join(folder, "a.py"), text);
          const unit = { path: "a.py", text };
          expect(await applyPatch(patchFor(unit, edit), { cwd: folder, durable: false })).toMatchObject({
            ok: true,
          });
          expect(readFileSync(join(folder, "a.py"), "utf8")).toBe(edited);
          expect(
            await applyPatch(reversePatchFor(unit, edit), { cwd: folder, durable: false }),
          ).toMatchObject({ ok: true });
          expect(readFileSync(join(folder, "a.py"), "utf8")).toBe(text);
        },
      ),
      { numRuns: 60 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
