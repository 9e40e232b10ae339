import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readyCall, toolFixture } from "../test/tool-fixture.ts";

const PATCH = `*** Begin Patch
*** Add File: new.txt
+fresh
*** Update File: old.txt
@@
 one
-two
+TWO
 three
*** End Patch
`;
const HEREDOC = `apply_patch <<'EOF'\n${PATCH}EOF\n`;
const OLD = "one\ntwo\nthree\n";
const NEW_DIFF =
  "diff --git a/new.txt b/new.txt\nnew file mode 100644\n--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+fresh\n";
const OLD_DIFF =
  "diff --git a/old.txt b/old.txt\n--- a/old.txt\n+++ b/old.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n";

const SUCCESS =
  /^Exit code: 0\nWall time: \d+\.\d seconds\nOutput:\nSuccess\. Updated the following files:\n/;

function itemIn(folder: string, id: string, patchBytes = PATCH.length) {
  return {
    type: "fileChange",
    id,
    changes: [
      { path: join(folder, "new.txt"), kind: { type: "add" }, diff: NEW_DIFF, added: 1, removed: 0 },
      {
        path: join(folder, "old.txt"),
        kind: { type: "update", move_path: null },
        diff: OLD_DIFF,
        added: 1,
        removed: 1,
      },
    ],
    patchBytes,
    error: null,
  };
}

test("says what it writes, shows the diff, then applies it", async () => {
  await using fixture = await toolFixture();
  const at = (name: string) => join(fixture.folder, name);
  await writeFile(at("old.txt"), OLD);
  const ready = readyCall(await fixture.prepare("apply_patch", PATCH, { callId: "c" }));
  expect({ effects: ready.effects, item: ready.item }).toEqual({
    effects: [{ kind: "write", paths: [at("new.txt"), at("old.txt")], texts: expect.any(Function) }],
    item: { ...itemIn(fixture.folder, "c"), status: "inProgress" },
  });
  expect(await readFile(at("old.txt"), "utf8")).toBe(OLD);

  const result = await ready.run({ sandbox: "session" });
  expect(result.item).toEqual({ ...itemIn(fixture.folder, "c"), status: "completed" });
  expect(result.output).toMatch(SUCCESS);
  expect(result.output).toMatch(/files:\nA new\.txt\nM old\.txt\n$/);
  expect(await readFile(at("old.txt"), "utf8")).toBe("one\nTWO\nthree\n");
  expect(await readFile(at("new.txt"), "utf8")).toBe("fresh\n");
});

test("names both ends of a move", async () => {
  await using fixture = await toolFixture();
  const at = (name: string) => join(fixture.folder, name);
  await writeFile(at("old.txt"), OLD);
  const patch =
    "*** Begin Patch\n*** Update File: old.txt\n*** Move to: moved.txt\n@@\n-two\n+2\n*** End Patch";
  const ready = readyCall(await fixture.prepare("apply_patch", patch));
  expect(ready.effects).toEqual([
    { kind: "write", paths: [at("old.txt"), at("moved.txt")], texts: expect.any(Function) },
  ]);
  expect((await ready.run({ sandbox: "session" })).item).toMatchObject({
    status: "completed",
    changes: [
      { path: at("old.txt"), kind: { type: "update", move_path: at("moved.txt") }, added: 1, removed: 1 },
    ],
  });
});

test.each([
  ["a function's arguments", JSON.stringify({ input: PATCH }), PATCH.length],
  ["text in a here-document", HEREDOC, HEREDOC.length],
])("takes %s for the same patch", async (_name, input, bytes) => {
  await using fixture = await toolFixture();
  await writeFile(join(fixture.folder, "old.txt"), OLD);
  const result = await fixture.call("apply_patch", input, { callId: "c" });
  expect(result.item).toEqual({ ...itemIn(fixture.folder, "c", bytes), status: "completed" });
});

test.each([
  ["a here-document", (patch: string) => ({ cmd: `apply_patch <<'EOF'\n${patch}EOF\n`, workdir: "sub" })],
  ["one after cd", (patch: string) => ({ cmd: `cd sub && apply_patch <<'EOF'\n${patch}EOF` })],
  [
    "an argument list",
    (patch: string) => ({ cmd: ["bash", "-lc", `cd sub && apply_patch <<'EOF'\n${patch}EOF`] }),
  ],
])("exec_command with nothing but a patch in %s starts no shell", async (_name, command) => {
  await using fixture = await toolFixture({
    sandbox: { start: () => Promise.reject(new Error("a shell was started")) },
  });
  const folder = join(fixture.folder, "sub");
  await mkdir(folder);
  await writeFile(join(folder, "old.txt"), OLD);
  const ready = readyCall(await fixture.prepare("exec_command", command(PATCH), { callId: "c" }));
  expect(ready.effects).toEqual([
    { kind: "write", paths: [join(folder, "new.txt"), join(folder, "old.txt")], texts: expect.any(Function) },
  ]);
  const result = await ready.run({ sandbox: "session" });
  // The line end before the mark is the here-document's.
  expect(result.item).toEqual({ ...itemIn(folder, "c", PATCH.length - 1), status: "completed" });
  expect(result.output).toMatch(SUCCESS);
});

test("a command that does more than patch runs in the shell", async () => {
  await using fixture = await toolFixture();
  const cmd = `cat > here <<'EOF'\n${PATCH}EOF\necho apply_patch`;
  expect(readyCall(await fixture.prepare("exec_command", { cmd })).effects).toMatchObject([
    { kind: "command" },
  ]);
});

test("a text that is no patch is refused with the line", async () => {
  await using fixture = await toolFixture();
  const patch = "*** Begin Patch\n*** Update File: old.txt\nnonsense\n*** End Patch";
  const ready = readyCall(await fixture.prepare("apply_patch", patch, { callId: "c" }));
  expect(ready.effects).toEqual([]);
  const result = await ready.run({ sandbox: "session" });
  expect(result).toEqual({
    item: {
      type: "fileChange",
      id: "c",
      changes: [],
      patchBytes: patch.length,
      status: "failed",
      error: { code: "patch_bad_format", message: expect.stringMatching(/line 3/), retryable: false },
    },
    output: expect.stringMatching(/^apply_patch verification failed: Invalid patch hunk on line 3: /),
    success: false,
  });
});

test("a patch that does not fit shows the nearest lines and changes nothing", async () => {
  await using fixture = await toolFixture();
  const path = join(fixture.folder, "old.txt");
  await writeFile(path, "alpha\nfirst\nsecond line\nthird\n");
  const patch =
    "*** Begin Patch\n*** Add File: a.txt\n+a\n*** Update File: old.txt\n@@\n first\n-second lime\n+2\n*** End Patch";
  const result = await fixture.call("apply_patch", patch);
  expect(result.item).toMatchObject({
    status: "failed",
    changes: [
      { path: join(fixture.folder, "a.txt"), kind: { type: "add" }, diff: "" },
      { path, kind: { type: "update" }, diff: "" },
    ],
    error: { code: "patch_does_not_apply" },
  });
  expect(result.output).toMatch(/^apply_patch verification failed: Failed to find expected lines/);
  expect(result.output).toContain("second line");
  await expect(readFile(join(fixture.folder, "a.txt"))).rejects.toThrow("ENOENT");
});

test("a missing file is named", async () => {
  await using fixture = await toolFixture();
  const result = await fixture.call(
    "apply_patch",
    "*** Begin Patch\n*** Delete File: none.txt\n*** End Patch",
  );
  expect(result).toMatchObject({
    item: { status: "failed", error: { code: "patch_does_not_apply" } },
    output: expect.stringContaining(join(fixture.folder, "none.txt")),
  });
});

test.each(["/etc/quire-test", "../outside.txt", ".git/hooks/pre-commit"])(
  "refuses to write %s",
  async (path) => {
    await using fixture = await toolFixture();
    const result = await fixture.call(
      "apply_patch",
      `*** Begin Patch\n*** Add File: ${path}\n+x\n*** End Patch`,
    );
    expect(result.item).toMatchObject({ status: "failed", error: { code: "patch_path_refused" } });
    expect(result.output).toMatch(/^apply_patch verification failed: /);
  },
);

test("works on the files as they are when it runs", async () => {
  await using fixture = await toolFixture();
  const path = join(fixture.folder, "old.txt");
  await writeFile(path, OLD);
  const ready = readyCall(await fixture.prepare("apply_patch", PATCH));
  await writeFile(path, `zero\n${OLD}`);
  expect((await ready.run({ sandbox: "session" })).success).toBe(true);
  expect(await readFile(path, "utf8")).toBe("zero\none\nTWO\nthree\n");
});

test("patches of one file beside each other all land", async () => {
  await using fixture = await toolFixture();
  const path = join(fixture.folder, "list.txt");
  const numbers = Array.from({ length: 8 }, (_, index) => `line ${index}`);
  await writeFile(path, `${numbers.join("\n")}\n`);
  const patches = [1, 3, 5].map(
    (number) =>
      `*** Begin Patch\n*** Update File: list.txt\n@@\n-line ${number}\n+changed ${number}\n*** End Patch`,
  );
  const ready = await Promise.all(patches.map((patch) => fixture.prepare("apply_patch", patch)));
  const results = await Promise.all(ready.map((one) => readyCall(one).run({ sandbox: "session" })));
  expect(results.map((result) => result.success)).toEqual([true, true, true]);
  expect(await readFile(path, "utf8")).toBe(
    "line 0\nchanged 1\nline 2\nchanged 3\nline 4\nchanged 5\nline 6\nline 7\n",
  );
});

test("refuses a patch of more than 1 MiB unread", async () => {
  await using fixture = await toolFixture();
  expect(await fixture.prepare("apply_patch", `*** Begin Patch\n${"+x\n".repeat(400_000)}`)).toMatchObject({
    kind: "invalid",
    code: "tool_bad_arguments",
    message: expect.stringContaining("larger than 1 MiB"),
  });
});
