import { expect, test } from "vitest";
import { makeWorkspace } from "../test/workspace.ts";
import { runApplyPatchCli } from "./run-cli.ts";

const PATCH =
  "*** Begin Patch\n*** Add File: n\n+1\n*** Update File: a\n@@\n-a\n+b\n*** Delete File: d\n*** End Patch\n";

async function run(argv: readonly string[], input: readonly (string | Uint8Array)[] = []) {
  using space = makeWorkspace({ a: "a\n", d: "d\n" });
  const out = { stdout: "", stderr: "" };
  const exitCode = await runApplyPatchCli({
    argv,
    stdin: (async function* () {
      yield* input;
    })(),
    stdout: { write: (text) => (out.stdout += text) },
    stderr: { write: (text) => (out.stderr += text.replaceAll(space.root, "<dir>")) },
    cwd: space.root,
    journalDir: space.journal,
  });
  return { exitCode, ...out, files: space.read() };
}

const UNCHANGED = { a: "a\n", d: "d\n" };
const DONE = {
  exitCode: 0,
  stdout: "Success. Updated the following files:\nA n\nM a\nD d\n",
  stderr: "",
  files: { a: "b\n", n: "1\n" },
};

test("a patch as the argument", async () => {
  expect(await run([PATCH])).toEqual(DONE);
});

test("a patch on stdin, cut anywhere", async () => {
  const bytes = Buffer.from(PATCH);
  expect(await run([], [bytes.subarray(0, 30), bytes.subarray(30)])).toEqual(DONE);
});

test.each([
  ["two arguments", ["a", "b"], [], 2, "Error: apply_patch accepts exactly one argument.\n"],
  ["nothing at all", [], [], 2, "Usage: apply_patch 'PATCH'\n       echo 'PATCH' | apply_patch\n"],
  [
    "stdin that is no text",
    [],
    [Buffer.from([0xff])],
    1,
    "Error: Failed to read PATCH from stdin.\nstream did not contain valid UTF-8\n",
  ],
  ["an empty patch", ["*** Begin Patch\n*** End Patch"], [], 1, "No files were modified.\n"],
  [
    "a missing file",
    ["*** Begin Patch\n*** Delete File: a\n*** Delete File: q\n*** End Patch"],
    [],
    1,
    "Failed to delete file <dir>/q\nIt does not exist.\n",
  ],
])("%s", async (_name, argv, input, exitCode, stderr) => {
  expect(await run(argv, input)).toEqual({ exitCode, stdout: "", stderr, files: UNCHANGED });
});
