import fc from "fast-check";
import { expect, test } from "vitest";
import { parseStatus } from "./status.ts";

const ZERO = "0".repeat(40);

test("every kind of record is understood", () => {
  const records = [
    "# branch.oid (initial)",
    "# branch.head (detached)",
    `1 .M N... 100644 100644 100644 ${ZERO} ${ZERO} a file`,
    `1 A. SC.. 000000 160000 160000 ${ZERO} ${ZERO} module`,
    `2 R. N... 100644 100644 100644 ${ZERO} ${ZERO} R97 new name`,
    "old\nname",
    `u UU N... 100644 100644 100644 100644 ${ZERO} ${ZERO} ${ZERO} both`,
    "? neu & alt",
  ];
  expect(parseStatus(`${records.join("\0")}\0`)).toEqual({
    branch: { commit: null, name: null },
    entries: [
      { kind: "changed", path: "a file", index: ".", worktree: "M", submodule: false },
      { kind: "changed", path: "module", index: "A", worktree: ".", submodule: true },
      { kind: "renamed", path: "new name", from: "old\nname", score: 97, index: "R", worktree: "." },
      { kind: "unmerged", path: "both", ours: "U", theirs: "U" },
      { kind: "untracked", path: "neu & alt" },
    ],
  });
});

test("a branch is read with what it follows", () => {
  const text = ["oid abc", "head main", "upstream origin/main", "ab +2 -1"].map(
    (line) => `# branch.${line}\0`,
  );
  expect(parseStatus(text.join(""))?.branch).toEqual({
    commit: "abc",
    name: "main",
    upstream: { name: "origin/main", ahead: 2, behind: 1 },
  });
});

test.each(["1 .M", "nonsense\0", "2 R. N... 1 1 1 a b R1 x\0", "x"])("%j is not a status", (text) => {
  expect(parseStatus(text)).toBeUndefined();
});

test("any path comes back as it is", () => {
  const path = fc.string({ minLength: 1 }).filter((name) => !name.includes("\0"));
  fc.assert(
    fc.property(fc.array(path), (paths) => {
      const text = paths.map((name) => `1 M. N... 100644 100644 100644 ${ZERO} ${ZERO} ${name}\0`).join("");
      expect(parseStatus(text)?.entries.map((entry) => entry.path)).toEqual(paths);
    }),
  );
});
