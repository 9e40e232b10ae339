import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeWorkspace } from "../test/workspace.ts";
import { unifiedDiff } from "./unified-diff.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "utf8");

describe("unifiedDiff", () => {
  test("an update with two hunks", () => {
    const before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";
    const after = before.replace("2\n", "two\n").replace("12\n", "");
    expect(unifiedDiff("f", "f", bytes(before), bytes(after))).toEqual({
      text: [
        "diff --git a/f b/f",
        "--- a/f",
        "+++ b/f",
        "@@ -1,5 +1,5 @@",
        " 1",
        "-2",
        "+two",
        " 3",
        " 4",
        " 5",
        "@@ -9,4 +9,3 @@",
        " 9",
        " 10",
        " 11",
        "-12",
        "",
      ].join("\n"),
      added: 1,
      removed: 2,
    });
  });

  test.each([
    ["nothing", bytes("a\n"), bytes("a\n"), ""],
    ["a new empty file", null, bytes(""), "diff --git a/f b/f\nnew file mode 100644\n"],
    [
      "a new file without final newline",
      null,
      bytes("a"),
      "diff --git a/f b/f\nnew file mode 100644\n--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n",
    ],
    [
      "a deleted file",
      bytes("a\n"),
      null,
      "diff --git a/f b/f\ndeleted file mode 100644\n--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
    ],
    [
      "a binary file",
      Buffer.from([0, 1]),
      Buffer.from([0, 2]),
      "diff --git a/f b/f\nBinary files a/f and b/f differ\n",
    ],
  ])("%s", (_name, before, after, text) => {
    expect(unifiedDiff("f", "f", before, after).text).toBe(text);
  });

  test("rename, mode and odd names", () => {
    const diff = unifiedDiff('a "b"', "gr\u00fc\u00df", bytes("x\n"), bytes("x\n"), { modeB: "100755" });
    expect(diff.text).toBe(
      [
        'diff --git "a/a \\"b\\"" "b/gr\\303\\274\\303\\237"',
        "old mode 100644",
        "new mode 100755",
        'rename from "a \\"b\\""',
        'rename to "gr\\303\\274\\303\\237"',
        "",
      ].join("\n"),
    );
  });

  test("git applies it to the same result", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "c\r", "", "\u00e9"), { maxLength: 25 })
      .map((all) => all.join("\n"));
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after);
        using space = makeWorkspace();
        const file = path.join(space.root, "f");
        fs.writeFileSync(file, before);
        const { text: diff } = unifiedDiff("f", "f", bytes(before), bytes(after));
        execFileSync("git", ["apply", "--whitespace=nowarn", "-"], { cwd: space.root, input: diff });
        expect(fs.readFileSync(file, "utf8")).toBe(after);
      }),
      { numRuns: 60 },
    );
  });
});
