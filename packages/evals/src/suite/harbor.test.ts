import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { HARBOR_CHECK, harborPrompt, harborSolution } from "./harbor.ts";

const REWARD = (text: string, name = "reward.txt") => `echo '${text}' > /logs/verifier/${name}`;

test.each<[what: string, script: string, passes: boolean]>([
  ["a reward of 1, whatever the end", `${REWARD("1")}; exit 3`, true],
  ["a reward of 1.0", REWARD("1.0"), true],
  ["a reward of 0, and an end with 0", REWARD("0"), false],
  ["a reward of 0.1", REWARD("0.1"), false],
  ["a reward of 10", REWARD("10"), false],
  ["a reward as JSON", REWARD('{"reward": 1}', "reward.json"), true],
  ["no reward as JSON", REWARD('{"reward": 0}', "reward.json"), false],
  ["no reward and an end with 0", "true", true],
  ["no reward and an end with 1", "exit 1", false],
  ["places of the image", `bash /tests/more.sh /app/made && ${REWARD("1")}`, true],
])("%s", async (_, script, passes) => {
  await using folder = await temporaryDirectory("quire-harbor-check-");
  mkdirSync(join(folder.path, "tests"));
  writeFileSync(join(folder.path, "made"), "");
  writeFileSync(join(folder.path, "tests/test.sh"), `#!/bin/bash\n${script}\n`);
  writeFileSync(join(folder.path, "tests/more.sh"), 'test -e "$1" && test -e /app/made\n');
  const { status } = spawnSync("bash", ["-c", HARBOR_CHECK], { cwd: folder.path, stdio: "ignore" });
  expect(status === 0).toBe(passes);
});

test("the instruction and the solution of an image's folder are for the current one", async () => {
  await using folder = await temporaryDirectory("quire-harbor-task-");
  writeFileSync(join(folder.path, "instruction.md"), "Make /app/hello.txt.");
  expect(harborPrompt(folder.path)).toBe(
    "Make /app/hello.txt.\n\nWhere this says /app, the current folder is meant.",
  );
  expect(harborSolution(folder.path)).toBeNull();
  mkdirSync(join(folder.path, "solution"));
  writeFileSync(join(folder.path, "solution/solve.sh"), "echo hello > /app/hello.txt\n");
  expect(harborSolution(folder.path)).toBe("echo hello > $PWD/hello.txt\n");
});
