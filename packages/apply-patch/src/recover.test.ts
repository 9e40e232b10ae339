import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { failingFs } from "../test/failing-fs.ts";
import { makeWorkspace, type Workspace } from "../test/workspace.ts";
import { applyPatch } from "./apply.ts";
import { nodePatchFs, type PatchFs } from "./file-system.ts";
import { processOwner } from "./owner.ts";
import { recoverPatches } from "./recover.ts";

const PATCH =
  "*** Begin Patch\n*** Update File: a\n@@\n-1\n+2\n*** Update File: b\n@@\n-1\n+2\n*** Add File: n\n+n\n*** End Patch";

/** Everything fails from the first rename of a file of the workspace on, after `done` such renames. */
function dieWhileCommitting(space: Workspace, done: number): PatchFs {
  const dead = failingFs({ at: 1, forever: true }).fs;
  let current: PatchFs = nodePatchFs;
  let renames = 0;
  const forward = {
    ...nodePatchFs,
    rename: (from: string, to: string) => {
      if (!from.startsWith(space.journal)) renames += 1;
      if (renames > done) current = dead;
      current.rename(from, to);
    },
    lstat: (file: string) => current.lstat(file),
    unlink: (file: string) => current.unlink(file),
    link: (from: string, to: string) => current.link(from, to),
  };
  return forward;
}

async function halfWritten(done: number): Promise<Workspace> {
  const space = makeWorkspace({ a: "1\n", b: "1\n" });
  const dying = dieWhileCommitting(space, done);
  const outcome = await applyPatch(PATCH, { cwd: space.root, fs: dying, journalDir: space.journal });
  expect(outcome).toMatchObject({ ok: false, error: { code: "io", recovery: "pending" } });
  return space;
}

/** As if the process had died before (staging) or after (commit) the mark that all is ready. */
function setPhase(space: Workspace, phase: string): void {
  for (const name of fs.readdirSync(space.journal)) {
    const wanted = name.replace(/staging|commit/, phase);
    fs.renameSync(path.join(space.journal, name), path.join(space.journal, wanted));
  }
}

describe("recoverPatches", () => {
  test("nothing to do without a folder", () => {
    expect(recoverPatches("/nowhere/journal")).toEqual([]);
  });

  test("undoes what was being undone", async () => {
    using space = await halfWritten(1);
    setPhase(space, "staging");
    const paths = ["a", "b", "n"].map((name) => path.join(space.root, name));
    const recovered = recoverPatches(space.journal);
    expect(recovered).toEqual([{ id: expect.any(String), outcome: "undone", paths, conflicts: [] }]);
    expect(space.read()).toEqual({ a: "1\n", b: "1\n" });
  });

  test("finishes what was being committed", async () => {
    using space = await halfWritten(1);
    setPhase(space, "commit");
    expect(recoverPatches(space.journal)).toMatchObject([{ outcome: "finished", conflicts: [] }]);
    expect(space.read()).toEqual({ a: "2\n", b: "2\n", n: "n\n" });
  });

  test.each(["staging", "commit"])("leaves alone what somebody changed since (%s)", async (phase) => {
    using space = await halfWritten(1);
    setPhase(space, phase);
    space.write({ b: "mine\n" });
    const conflicts = [path.join(space.root, "b")];
    expect(recoverPatches(space.journal)).toMatchObject([{ conflicts }]);
    const rest = phase === "commit" ? { a: "2\n", n: "n\n" } : { a: "1\n" };
    expect(space.read()).toEqual({ ...rest, b: "mine\n" });
  });

  test("leaves a running process alone", async () => {
    using space = await halfWritten(1);
    const busy = { token: "somebody else", isAlive: () => true };
    const before = space.read();
    expect(recoverPatches(space.journal, { owner: busy })).toMatchObject([{ outcome: "busy" }]);
    expect(space.read()).toEqual(before);
  });

  test("a torn journal means that nothing had happened", () => {
    using space = makeWorkspace({ a: "1\n" });
    fs.mkdirSync(space.journal);
    fs.writeFileSync(path.join(space.journal, "ab-0.staging.json"), '{"version":1,"id":"ab');
    fs.writeFileSync(path.join(space.journal, "notes.txt"), "not ours");
    expect(recoverPatches(space.journal)).toMatchObject([{ outcome: "undone", paths: [] }]);
    expect(fs.readdirSync(space.journal)).toEqual(["notes.txt"]);
  });

  test("a record that names other files than its own staged ones is not obeyed", () => {
    using space = makeWorkspace({ a: "1\n", precious: "p\n" });
    fs.mkdirSync(space.journal);
    const file = path.join(space.root, "a");
    const precious = path.join(space.root, "precious");
    const entry = { path: file, staged: precious, backup: precious, before: null, after: null };
    const record = { version: 1, id: "ab-0", owner: "0:", folders: [], entries: [entry] };
    fs.writeFileSync(path.join(space.journal, "ab-0.commit.json"), JSON.stringify(record));
    recoverPatches(space.journal);
    expect(space.read()).toEqual({ a: "1\n", precious: "p\n" });
  });
});

test("a process is told from a later one with the same id", () => {
  const owner = processOwner();
  expect(owner.isAlive(owner.token)).toBe(true);
  expect(owner.isAlive(`${process.pid}:1`)).toBe(false);
  expect(owner.isAlive("999999999:1")).toBe(false);
});
