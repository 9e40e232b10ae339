import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { makeWorkspace } from "../test/workspace.ts";
import { planPatch } from "./plan.ts";

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

test("a file that is moved to where another one was deleted replaces that one", () => {
  using space = makeWorkspace({ "a.txt": "a\n", "b.txt": "" });
  const patch = `*** Begin Patch
*** Delete File: b.txt
*** Update File: a.txt
*** Move to: b.txt
@@
-a
+A
*** End Patch`;
  const planned = planPatch(patch, { cwd: space.root });
  expect(planned.ok && planned.plan.changes).toMatchObject([
    { kind: "move", path: "a.txt", movePath: "b.txt", overwrote: true, added: 1, removed: 1 },
  ]);
});

test("planning describes the net effect and writes nothing", () => {
  using space = makeWorkspace({ "a.txt": "1\n 2\n3\n", "b.txt": "b\n" });
  const patch = `*** Begin Patch
*** Update File: a.txt
*** Move to: dir/c.txt
@@
 1
-2
+two
*** Delete File: b.txt
*** Add File: b.txt
+again
*** End Patch`;
  const planned = planPatch(patch, { cwd: space.root });
  expect(planned).toMatchObject({ ok: true });
  if (!planned.ok) return;
  expect(planned.plan.summary).toEqual([
    { letter: "M", path: "dir/c.txt" },
    { letter: "D", path: "b.txt" },
    { letter: "A", path: "b.txt" },
  ]);
  expect(planned.plan.changes).toEqual([
    {
      kind: "move",
      path: "a.txt",
      absolutePath: `${space.root}/a.txt`,
      movePath: "dir/c.txt",
      absoluteMovePath: `${space.root}/dir/c.txt`,
      diff: [
        "diff --git a/a.txt b/dir/c.txt",
        "rename from a.txt",
        "rename to dir/c.txt",
        "--- a/a.txt",
        "+++ b/dir/c.txt",
        "@@ -1,3 +1,3 @@",
        " 1",
        "- 2",
        "+two",
        " 3",
        "",
      ].join("\n"),
      added: 1,
      removed: 1,
      beforeSha256: hash("1\n 2\n3\n"),
      afterSha256: hash("1\ntwo\n3\n"),
      chunks: [{ line: 1, step: "trim" }],
    },
    {
      kind: "update",
      path: "b.txt",
      absolutePath: `${space.root}/b.txt`,
      diff: "diff --git a/b.txt b/b.txt\n--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-b\n+again\n",
      added: 1,
      removed: 1,
      beforeSha256: hash("b\n"),
      afterSha256: hash("again\n"),
      chunks: [],
    },
  ]);
  expect(space.read()).toEqual({ "a.txt": "1\n 2\n3\n", "b.txt": "b\n" });
});

test("an error says where the lines might be in a long file", () => {
  const lines = Array.from({ length: 400 }, (_, n) => `  const value${n} = compute(${n}, "row");`);
  using space = makeWorkspace({ "long.ts": `${lines.join("\n")}\n` });
  const patch = `*** Begin Patch
*** Update File: long.ts
@@
   const value210 = compute(210, "row");
-  const value211 = compute(211, "column");
+  const value211 = 0;
*** End Patch`;
  const planned = planPatch(patch, { cwd: space.root });
  expect(planned).toMatchObject({
    ok: false,
    error: {
      code: "context_not_found",
      path: "long.ts",
      chunkIndex: 0,
      line: 3,
      nearest: {
        startLine: 211,
        lines: lines.slice(210, 214),
        difference: { line: 212, expected: '  const value211 = compute(211, "column");', actual: lines[211] },
      },
    },
  });
});

test("a file and a folder of one name in a patch are refused", () => {
  using space = makeWorkspace();
  const patch = "*** Begin Patch\n*** Add File: x\n+1\n*** Add File: x/y\n+1\n*** End Patch";
  expect(planPatch(patch, { cwd: space.root })).toMatchObject({
    ok: false,
    error: { code: "path_conflict" },
  });
});

test("another guard decides instead of the usual one", () => {
  using space = makeWorkspace();
  const patch = "*** Begin Patch\n*** Add File: x\n+1\n*** End Patch";
  const guard = () => ({ ok: false, reason: "it is Sunday" }) as const;
  expect(planPatch(patch, { cwd: space.root, guard })).toEqual({
    ok: false,
    error: {
      code: "path_refused",
      path: "x",
      message: `Failed to write file ${space.root}/x\nThe path is refused: it is Sunday. Nothing was changed.`,
    },
  });
});
