import * as fs from "node:fs";
import * as path from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { applyPatch, applyPlan } from "../src/apply.ts";
import { planPatch } from "../src/plan.ts";
import { makeWorkspace, readFiles } from "./workspace.ts";

const FLIPS = 20_000;

/** Swaps the folder `sub` for a link to the outside and back, again and again. */
const FLIPPER = `
const { parentPort, workerData: { root, outside, flips } } = require("node:worker_threads");
const fs = require("node:fs");
const sub = root + "/sub", aside = root + "/aside";
// A patch may put another file in while it is emptied; then it is tried again.
const clear = () => { try { fs.rmSync(sub, { recursive: true, force: true }); } catch {} };
for (let n = 0; n < flips; n += 1) {
  fs.renameSync(sub, aside);
  // While it is missing, a patch may make the folder itself.
  for (let placed = false; !placed; ) {
    try {
      fs.symlinkSync(outside, sub);
      placed = true;
    } catch {
      clear();
    }
  }
  fs.unlinkSync(sub);
  for (let placed = false; !placed; ) {
    try {
      fs.renameSync(aside, sub);
      placed = true;
    } catch {
      clear();
    }
  }
}
parentPort.postMessage("done");
`;

describe("somebody else changes the workspace meanwhile", () => {
  test(`a folder flips to a link ${FLIPS} times: nothing is written outside`, {
    timeout: 60_000,
  }, async () => {
    using space = makeWorkspace({ "sub/f.txt": "a\n" });
    const outside = path.join(path.dirname(space.root), "outside");
    fs.mkdirSync(outside);
    fs.writeFileSync(path.join(outside, "f.txt"), "a\n");
    const workerData = { root: space.root, outside, flips: FLIPS };
    const worker = new Worker(FLIPPER, { eval: true, workerData });
    let done = false;
    const end = new Promise<void>((resolve, reject) => {
      worker.once("error", reject);
      worker.once("exit", () => resolve());
    }).finally(() => {
      done = true;
    });
    let [from, to] = ["a", "b"];
    let attempts = 0;
    for (; !done; attempts += 1) {
      const update = `*** Update File: sub/f.txt\n@@\n-${from}\n+${to}`;
      const patch = `*** Begin Patch\n${update}\n*** Add File: sub/n${attempts}/g\n+g\n*** End Patch`;
      const outcome = await applyPatch(patch, { cwd: space.root, durable: false });
      if (outcome.ok) [from, to] = [to, from];
      await new Promise((resolve) => setImmediate(resolve));
    }
    await end;
    expect(readFiles(outside)).toEqual({ "f.txt": "a\n" });
    expect(attempts).toBeGreaterThan(0);
  });

  test("a file that changed after planning is not overwritten", async () => {
    using space = makeWorkspace({ "a.txt": "a\n", "b.txt": "b\n" });
    const patch = `*** Begin Patch
*** Update File: a.txt
@@
-a
+A
*** Update File: b.txt
@@
-b
+B
*** End Patch`;
    const planned = planPatch(patch, { cwd: space.root });
    if (!planned.ok) throw new Error(planned.error.message);
    space.write({ "b.txt": "edited\n" });
    const outcome = await applyPlan(planned.plan, { journalDir: space.journal });
    const message = `Failed to write file ${space.root}/b.txt\nIt changed after the patch was planned. Read it again.\nNothing was changed.`;
    expect(outcome).toEqual({ ok: false, error: { code: "stale", message } });
    expect(space.read()).toEqual({ "a.txt": "a\n", "b.txt": "edited\n" });
  });

  test("a file that was only touched is still the same", async () => {
    using space = makeWorkspace({ "a.txt": "a\n" });
    const planned = planPatch("*** Begin Patch\n*** Update File: a.txt\n@@\n-a\n+A\n*** End Patch", {
      cwd: space.root,
    });
    if (!planned.ok) throw new Error(planned.error.message);
    fs.utimesSync(path.join(space.root, "a.txt"), 1, 1);
    expect(await applyPlan(planned.plan)).toMatchObject({ ok: true });
    expect(space.read()).toEqual({ "a.txt": "A\n" });
  });

  test("a file that appears where one is to be added is not overwritten", async () => {
    using space = makeWorkspace();
    const planned = planPatch("*** Begin Patch\n*** Add File: d/n\n+1\n*** End Patch", { cwd: space.root });
    if (!planned.ok) throw new Error(planned.error.message);
    space.write({ "d/n": "mine" });
    expect(await applyPlan(planned.plan)).toMatchObject({ ok: false });
    expect(space.read()).toEqual({ "d/n": "mine" });
  });
});
