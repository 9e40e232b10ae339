import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unifiedDiff } from "@quire/apply-patch";
import type { FileUpdateChange } from "@quire/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { NetDiff } from "./net-diff.ts";

type Side = string | null;

function change(before: Side, after: Side, move: string | null = null, name = "a.txt"): FileUpdateChange {
  const bytes = (side: Side) => (side === null ? null : Buffer.from(side));
  const { text, added, removed } = unifiedDiff(name, move ?? name, bytes(before), bytes(after));
  const kind =
    before === null
      ? ({ type: "add" } as const)
      : after === null
        ? ({ type: "delete" } as const)
        : ({ type: "update", move_path: move === null ? null : `/w/${move}` } as const);
  return { path: `/w/${name}`, kind, diff: text, added, removed };
}

function net(versions: readonly Side[]): string {
  const diff = new NetDiff();
  for (const [index, after] of versions.slice(1).entries())
    diff.add([change(versions[index] ?? null, after)]);
  return diff.text();
}

test("a file that is patched twice is in it once", () => {
  expect(net(["one\ntwo\nthree\n", "1\ntwo\nthree\n", "1\ntwo\n3\n"])).toBe(
    "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n-one\n+1\n two\n-three\n+3\n",
  );
});

test("what was taken back is not in it: a change, a new file, a deleted one", () => {
  expect(net(["one\n", "two\n", "one\n"])).toBe("");
  expect(net([null, "new\n", null])).toBe("");
  expect(net(["one\ntwo\n", null, "one\ntwo\n"])).toBe("");
});

test("new, deleted and moved files are said to be so", () => {
  expect(net([null, "one\n", "two"])).toBe(
    "diff --git a/a.txt b/a.txt\nnew file mode 100644\n--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+two\n\\ No newline at end of file\n",
  );
  expect(net(["one\n", "two\n", null])).toBe(
    "diff --git a/a.txt b/a.txt\ndeleted file mode 100644\n--- a/a.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n",
  );
  const diff = new NetDiff();
  diff.add([change("one\ntwo\n", "one\n2\n", "b.txt")]);
  diff.add([change("one\n2\n", "1\n2\n", null, "b.txt")]);
  expect(diff.text()).toBe(
    "diff --git a/a.txt b/b.txt\nrename from a.txt\nrename to b.txt\n--- a/a.txt\n+++ b/b.txt\n@@ -1,2 +1,2 @@\n-one\n-two\n+1\n+2\n",
  );
});

test("a diff that cannot be joined is shown as it came", () => {
  const diff = new NetDiff();
  const binary = change("a\0b", "a\0c");
  diff.add([binary, change("one\n", "two\n")]);
  expect(diff.text()).toBe(binary.diff + change("one\n", "two\n").diff);
});

test("git applies it to the first version and gets the last, whatever the patches were", () => {
  const folder = mkdtempSync(join(tmpdir(), "quire-net-diff-"));
  const file = join(folder, "a.txt");
  try {
    const line = fc.constantFrom("a\n", "b\n", "c\n", "d\n", "e\n");
    const text = fc
      .tuple(fc.array(line, { maxLength: 30 }), fc.constantFrom("", "end"))
      .map(([lines, end]) => lines.join("") + end);
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), (versions) => {
        const [first = ""] = versions;
        const last = versions.at(-1) ?? "";
        const diff = net(versions);
        if (first === last) return diff === "";
        writeFileSync(file, first);
        execFileSync("git", ["apply", "--unidiff-zero", "--whitespace=nowarn", "-"], {
          cwd: folder,
          input: diff,
        });
        return readFileSync(file, "utf8") === last;
      }),
      { numRuns: 60 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
