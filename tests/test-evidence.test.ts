import { callsTool, patches, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";

const SUITE = `import assert from "node:assert";
import test from "node:test";
import { add } from "./add.mjs";
test("adds", () => assert.equal(add(1, 1), 2));
test("adds nothing", () => assert.equal(add(1, 0), 1));
`;

test("the closing summary has what a test runner counted, before and after the edit", async () => {
  const run = callsTool("exec_command", { cmd: "node --test add.test.mjs" });
  const claim = callsTool("exec_command", { cmd: "echo '99 passed in 1s' && node --test add.test.mjs" });
  const fix = patches(
    "*** Begin Patch\n*** Update File: add.mjs\n@@\n-export const add = (a, b) => a - b;\n+export const add = (a, b) => a + b;\n*** End Patch\n",
  );
  await using world = await execWorld({
    files: { "add.mjs": "export const add = (a, b) => a - b;\n", "add.test.mjs": SUITE },
    steps: [run, fix, run, claim, says("Done.")],
  });
  const { exitCode, stderr } = await world.exec(["make the tests pass"]);
  expect(exitCode).toBe(0);
  const ran = stderr.split("\n").filter((line) => line.startsWith("ran "));
  expect(ran).toEqual([
    "ran     node --test add.test.mjs → exit 1, 1 passed, 1 failed (before the last edit)",
    "ran     node --test add.test.mjs → exit 0, 2 passed, 0 failed (after the last edit)",
    "ran     echo '99 passed in 1s' && node --test add.test.mjs → exit 0 (after the last edit)",
  ]);
});
