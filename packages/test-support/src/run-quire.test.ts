import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { quireHomeIn, runQuire } from "./run-quire.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** The runner is tested with a shell in the place of the command. */
function shell(script: string, options: Parameters<typeof runQuire>[1] = {}) {
  return runQuire(["-c", script], { command: "/bin/sh", ...options });
}

test("output, exit code and standard input go where they belong", async () => {
  const run = await shell("cat; echo err >&2; exit 3", { stdin: "in\n" });
  expect(run).toMatchObject({ exitCode: 3, signal: null, stdout: "in\n", stderr: "err\n", timedOut: false });
});

test("the home is new, is the working directory and goes away; a given one stays", async () => {
  const run = await shell('echo "$HOME $QUIRE_HOME $PWD"; test -d "$QUIRE_HOME"');
  const [home = "", quireHome, cwd] = run.stdout.trim().split(" ");
  expect([quireHome, cwd, run.exitCode]).toEqual([quireHomeIn(home), home, 0]);
  expect(existsSync(home)).toBe(false);
  await using own = await temporaryDirectory();
  await shell("touch $QUIRE_HOME/kept", { home: own.path });
  expect(existsSync(join(quireHomeIn(own.path), "kept"))).toBe(true);
});

test("the environment is small and can be changed", async () => {
  process.env.MUST_NOT_LEAK = "secret";
  const run = await shell("env | cut -d= -f1 | sort", { env: { EXTRA: "1", TERM: undefined } });
  delete process.env.MUST_NOT_LEAK;
  expect(
    run.stdout.split("\n").filter((name) => !["", "PWD", "OLDPWD", "SHLVL", "_"].includes(name)),
  ).toEqual(["EXTRA", "HOME", "LANG", "PATH", "QUIRE_HOME"]);
});

test("after the time-out the whole group is killed", async () => {
  const run = await shell("sleep 60 & sleep 60", { timeoutMs: 200 });
  expect(run).toMatchObject({ exitCode: null, signal: "SIGKILL", timedOut: true });
  expect(run.durationMs).toBeLessThan(25_000);
});

test("what it leaves running is ended with it", async () => {
  const run = await shell("sleep 60 & echo $!");
  expect(run.exitCode).toBe(0);
  expect(run.durationMs).toBeLessThan(25_000);
  await expect.poll(() => isAlive(Number(run.stdout))).toBe(false);
});

test("output can be watched, and the run be ended from outside", async () => {
  const stop = new AbortController();
  const run = await shell("echo ready; exec sleep 60", { onStdout: () => stop.abort(), signal: stop.signal });
  expect(run).toMatchObject({ stdout: "ready\n", signal: "SIGKILL", timedOut: false });
});

/** A process that ended but was not collected by its new parent yet is gone for our purposes. */
function isAlive(pid: number): boolean {
  const state = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim();
  return state !== "" && !state.startsWith("Z");
}
