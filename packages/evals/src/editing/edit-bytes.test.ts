import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WireItem } from "@quire/protocol/app-server";
import { temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { scratchRepository } from "../agent/scratch-repository.ts";
import { editBytes, runEditBytes } from "./edit-bytes.ts";
import { EditLog } from "./edit-log.ts";

test("bytes changed: lines taken away and new, whatever they look like; caches and binary files count nothing", async () => {
  await using parent = await temporaryDirectory("quire-eval-bytes-");
  const files = {
    "edited.txt": "same\nold\nsame\n",
    "cut.txt": "no line end",
    "gone.txt": "12345\n",
    "marks.sql": "-- a comment\n@@ -1,9 +1,9 @@\n\\ slash\n",
    ".gitignore": "build/\n",
  };
  const repository = await scratchRepository(parent.path, { files }, process.env);
  try {
    const at = (name: string) => join(repository.folder, name);
    expect(await repository.changedBytes()).toBe(0);
    // As many bytes as before, within the same second.
    writeFileSync(at("edited.txt"), "same\nné\nsame\n");
    writeFileSync(at("cut.txt"), "with\n");
    rmSync(at("gone.txt"));
    writeFileSync(at("marks.sql"), "++ b\n");
    writeFileSync(at("new file.txt"), "one\ntwo");
    writeFileSync(at("binary"), Buffer.from([0, 1, 2, 0]));
    for (const folder of ["__pycache__", "build"]) {
      mkdirSync(at(folder));
      writeFileSync(at(`${folder}/made.txt`), "nobody wrote this\n");
    }
    const edited = "old\n".length + Buffer.byteLength("né\n");
    const cut = "no line end".length + "with\n".length;
    const marks = files["marks.sql"].length + "++ b\n".length;
    expect(await repository.changedBytes()).toBe(
      edited + cut + files["gone.txt"].length + marks + "one\ntwo".length,
    );
    // A check may ask git: nothing is staged by us.
    const staged = execFileSync("git", ["diff", "--cached", "--name-only"], { cwd: repository.folder });
    expect(staged.toString()).toBe("");
  } finally {
    await repository.remove();
  }
});

const command = (shellCommand: string, cwd = "/ws"): WireItem => ({
  type: "commandExecution",
  id: shellCommand,
  pluginId: null,
  scriptPath: null,
  command: `/bin/bash -c '${shellCommand}'`,
  shellCommand,
  cwd,
  processId: null,
  source: "agent",
  status: "inProgress",
  commandActions: [],
  aggregatedOutput: null,
  exitCode: null,
  durationMs: null,
});
const unreadable = (args: unknown): WireItem => ({
  type: "dynamicToolCall",
  id: "u",
  namespace: null,
  tool: "apply_patch",
  arguments: args,
  status: "failed",
  contentItems: null,
  success: false,
  durationMs: null,
});

test.each<[what: string, items: WireItem[], bytes: number]>([
  ["nothing", [], 0],
  ["a patch", [{ type: "fileChange", id: "1", changes: [], patchBytes: 70, status: "inProgress" }], 70],
  [
    "two patches, the first of which failed",
    [
      { type: "fileChange", id: "1", changes: [], patchBytes: 70, status: "failed" },
      { type: "fileChange", id: "2", changes: [], patchBytes: 5, status: "inProgress" },
    ],
    75,
  ],
  ["a call that could not be read", [unreadable("né"), unreadable({ patch: 1 })], 3 + 11],
  ["a file by here-document", [command("cat > a <<'E'\né\nE")], 18],
  ["commands that only read", [command("cat a"), command("grep -n 'x > y' a 2>/dev/null")], 0],
  ["a file elsewhere", [command("echo x > /tmp/a"), command("echo x > a", "/tmp")], 0],
  ["a file that only running names", [command('echo x > "$F"')], 13],
])("bytes written for edits: %s", async (_, items, bytes) => {
  const log = new EditLog();
  for (const item of items) log.add(item);
  expect(await log.writtenBytes("/ws")).toBe(bytes);
});

test("no ratio without both sides; a run's is of the tasks that have one", async () => {
  const ratio = (written: number | null, changed: number | null) =>
    editBytes(written, { changedBytes: async () => changed });
  expect([await ratio(null, 5), await ratio(5, null)]).toEqual([null, null]);
  const edited = { written: 300, changed: 100, written_per_changed: 3 };
  expect(await ratio(300, 100)).toEqual(edited);
  const unseen = { written: 0, changed: 40, written_per_changed: null };
  expect(await ratio(0, 40)).toEqual(unseen);
  const inVain = { written: 40, changed: 0, written_per_changed: null };
  expect(await ratio(40, 0)).toEqual(inVain);
  const small = { written: 100, changed: 100, written_per_changed: 1 };
  const rows = [edited, unseen, inVain, null, undefined, small].map((edit_bytes) => ({ edit_bytes }));
  expect(runEditBytes(rows)).toEqual({ written: 400, changed: 200, written_per_changed: 2, tasks: 2 });
  expect(runEditBytes(rows.slice(1, 5))).toBeNull();
});
