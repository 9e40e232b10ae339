import fc from "fast-check";
import { expect, test } from "vitest";
import { randomCase, seededRandom } from "../test/random-patches.ts";
import { affectedPaths } from "./affected-paths.ts";
import { parsePatch } from "./parse.ts";

test("lists files in order, with moves, and not what only looks like a header", () => {
  const patch = `*** Begin Patch
*** Add File: new.txt
+*** Add File: inside.txt
 *** Update File: old name.txt
*** Move to: moved.txt
@@
 *** Delete File: context.txt
-*** Delete File: removed.txt
*** Delete File: gone.txt
*** End Patch
`;
  expect(affectedPaths(patch)).toEqual([
    { kind: "add", path: "new.txt" },
    { kind: "update", path: "old name.txt", movePath: "moved.txt" },
    { kind: "delete", path: "gone.txt" },
  ]);
});

test("a path that is still arriving is not listed", () => {
  expect(affectedPaths("*** Begin Patch\n*** Add File: src/ma")).toEqual([]);
  expect(affectedPaths("*** Begin Patch\n*** Add File: src/main.ts\n")).toEqual([
    { kind: "add", path: "src/main.ts" },
  ]);
});

test("agrees with the parser on every patch that parses, and grows with the text", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.nat(), (seed, cut) => {
      const { patch } = randomCase(seededRandom(seed));
      const all = affectedPaths(`${patch}\n`);
      const part = affectedPaths(patch.slice(0, cut % (patch.length + 1)));
      expect(all.map((item) => item.path).slice(0, part.length)).toEqual(part.map((item) => item.path));
      const parsed = parsePatch(patch);
      if (!parsed.ok) return;
      const named = parsed.patch.sections.map((s) => [
        s.kind,
        s.path,
        s.kind === "update" ? s.movePath : undefined,
      ]);
      expect(all.map((item) => [item.kind, item.path, item.movePath])).toEqual(named);
    }),
    { numRuns: 500 },
  );
});
