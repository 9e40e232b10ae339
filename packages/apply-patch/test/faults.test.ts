import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { type AppliedPatch, applyPatch } from "../src/apply.ts";
import { nodePatchFs, type PatchFs } from "../src/file-system.ts";
import type { PatchResult } from "../src/patch-error.ts";
import { recoverPatches } from "../src/recover.ts";
import { failingFs } from "./failing-fs.ts";
import { makeWorkspace, type Workspace } from "./workspace.ts";

const BEFORE = { "a.txt": "one\ntwo\n", "gone.txt": "bye\n", "old.txt": "x\ny\n", "sub/b.txt": "1\r\n2\r\n" };
const AFTER = {
  "a.txt": "ONE\ntwo\n",
  "moved/old.txt": "x\nY\n",
  "n/e/w.txt": "new\n",
  "sub/b.txt": "1\r\nzwei\r\n",
};
const PATCH = `*** Begin Patch
*** Update File: a.txt
@@
-one
+ONE
*** Add File: n/e/w.txt
+new
*** Delete File: gone.txt
*** Update File: sub/b.txt
@@
-2
+zwei
*** Update File: old.txt
*** Move to: moved/old.txt
@@
-y
+Y
*** End Patch
`;

type Outcome = PatchResult<{ readonly applied: AppliedPatch }>;

const run = (space: Workspace, injected: PatchFs, journal = true): Promise<Outcome> =>
  applyPatch(PATCH, { cwd: space.root, fs: injected, ...(journal ? { journalDir: space.journal } : {}) });

async function countCalls(): Promise<number> {
  using space = makeWorkspace(BEFORE);
  const { fs: counting, calls } = failingFs({ at: 0, forever: false });
  expect((await run(space, counting)).ok).toBe(true);
  expect(space.read()).toEqual(AFTER);
  return calls();
}

describe("a failing file system", () => {
  test.each(["ENOSPC", "EIO", "EROFS", "EMFILE"])(
    "%s at any one call changes everything or nothing",
    async (code) => {
      const total = await countCalls();
      expect(total).toBeGreaterThan(80);
      for (let at = 1; at <= total; at += 1) {
        using space = makeWorkspace(BEFORE);
        const outcome = await run(space, failingFs({ at, forever: false, code }).fs);
        if (!outcome.ok) {
          expect(outcome.error.message, `call ${at}`).toContain(code);
          expect(outcome.error.code, `call ${at}`).toBe("io");
        }
        if (outcome.ok && outcome.applied.warning !== undefined) recoverPatches(space.journal);
        expect(space.read(), `call ${at}`).toEqual(outcome.ok ? AFTER : BEFORE);
      }
    },
  );

  test("without a journal errors are undone as well", async () => {
    const total = await countCalls();
    for (let at = 1; at <= total; at += 1) {
      using space = makeWorkspace(BEFORE);
      const outcome = await run(space, failingFs({ at, forever: false }).fs, false);
      if (outcome.ok && outcome.applied.warning !== undefined) continue;
      expect(space.read(), `call ${at}`).toEqual(outcome.ok ? AFTER : BEFORE);
    }
  });

  test("a disk that stays dead leaves what recovery needs", async () => {
    const total = await countCalls();
    const outcomes = new Set<string>();
    for (let at = 1; at <= total; at += 1) {
      using space = makeWorkspace(BEFORE);
      const outcome = await run(space, failingFs({ at, forever: true }).fs);
      const recovered = recoverPatches(space.journal);
      expect(recovered.flatMap((patch) => patch.conflicts)).toEqual([]);
      for (const patch of recovered) outcomes.add(patch.outcome);
      const now = space.read();
      expect([BEFORE, AFTER], `call ${at}`).toContainEqual(now);
      if (outcome.ok) expect(now, `call ${at}`).toEqual(AFTER);
      expect(recoverPatches(space.journal)).toEqual([]);
      expect(fs.existsSync(space.journal) ? fs.readdirSync(space.journal) : []).toEqual([]);
    }
    expect([...outcomes].sort()).toEqual(["finished", "undone"]);
  });

  test("the process may die while it takes a failed patch back", async () => {
    const total = await countCalls();
    for (let at = total - 45; at < total; at += 4) {
      for (let deadFrom = at + 1; deadFrom < at + 50; deadFrom += 4) {
        using space = makeWorkspace(BEFORE);
        await run(space, failingFs({ at, forever: false, deadFrom }).fs);
        recoverPatches(space.journal);
        expect([BEFORE, AFTER], `calls ${at}, ${deadFrom}`).toContainEqual(space.read());
      }
    }
  });

  test("recovery itself may be interrupted at any call", async () => {
    for (const killAt of [70, 85, 100]) {
      for (let at = 1; at <= 60; at += 2) {
        using space = makeWorkspace(BEFORE);
        await run(space, failingFs({ at: killAt, forever: true }).fs);
        try {
          recoverPatches(space.journal, { fs: failingFs({ at, forever: true }).fs });
        } catch (error) {
          expect(error).toMatchObject({ code: "EIO" });
        }
        recoverPatches(space.journal);
        expect([BEFORE, AFTER], `call ${killAt}, ${at}`).toContainEqual(space.read());
      }
    }
  });

  test("a real full disk is one clear error", async () => {
    if (!fs.existsSync("/dev/full")) throw new Error("this test needs /dev/full");
    using space = makeWorkspace(BEFORE);
    const full: PatchFs = {
      ...nodePatchFs,
      createFile: (file, bytes, attributes) => {
        nodePatchFs.createFile(file, bytes.subarray(0, 1), attributes);
        if (file.endsWith(".new")) fs.writeFileSync("/dev/full", bytes);
      },
    };
    const outcome = await run(space, full, false);
    const message = `Failed to write file ${space.root}/a.txt: ENOSPC: no space left on device, write\nNothing was changed.`;
    expect(outcome).toEqual({ ok: false, error: { code: "io", message } });
    expect(space.read()).toEqual(BEFORE);
  });
});

describe("a killed process", () => {
  test("is recovered by the next one", { timeout: 60_000 }, async () => {
    using tools = makeWorkspace();
    const program = path.join(tools.root, "killed-child.mjs");
    const entryPoints = [path.join(import.meta.dirname, "killed-child.ts")];
    await build({
      entryPoints,
      outfile: program,
      bundle: true,
      platform: "node",
      format: "esm",
      logLevel: "error",
    });
    const total = await countCalls();
    const seen = new Set<string>();
    const steps = Array.from({ length: 24 }, (_, n) => 1 + Math.floor(((total - 1) * n) / 23));
    const killAt = async (at: number): Promise<void> => {
      using space = makeWorkspace(BEFORE);
      const child = spawn(process.execPath, [program, space.root, space.journal, String(at), PATCH], {
        stdio: "inherit",
      });
      const signal = await new Promise((resolve) => child.once("exit", (_code, name) => resolve(name)));
      expect(signal).toBe("SIGKILL");
      const [recovered] = recoverPatches(space.journal);
      seen.add(recovered?.outcome ?? "nothing to do");
      expect([BEFORE, AFTER], `call ${at}`).toContainEqual(space.read());
    };
    for (let n = 0; n < steps.length; n += 3) await Promise.all(steps.slice(n, n + 3).map(killAt));
    expect([...seen].sort()).toEqual(["finished", "nothing to do", "undone"]);
  });
});
