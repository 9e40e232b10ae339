import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProbedMode } from "./probe.ts";
import { ALL_PROBES, runSuite, type SuiteResult, summarise } from "./run-suite.ts";

const isRoot = process.getuid?.() === 0;
const MODES: readonly ProbedMode[] = ["workspace-write", "read-only"];

/** Failures, with the score printed: it is what the suite is for. */
function failures(suite: SuiteResult): string[] {
  process.stdout.write(`escape suite: ${summarise(suite)}\n`);
  return suite.results
    .filter(({ result }) => result === "failed")
    .map(({ id, detail }) => `${id}: ${detail}`);
}

test("there are enough probes, each with its own name", () => {
  const count = (level: string): number => ALL_PROBES.filter((probe) => probe.level === level).length;
  expect(count("must")).toBeGreaterThanOrEqual(60);
  expect(count("works")).toBeGreaterThanOrEqual(15);
  expect(new Set(ALL_PROBES.map(({ id }) => id)).size).toBe(ALL_PROBES.length);
});

describe("as the user who runs the tests", () => {
  let parent: string;
  beforeAll(() => {
    // Not below /tmp, where a sandbox has its own folder and every escape would miss for the wrong reason.
    parent = mkdtempSync(isRoot ? "/var/quire-escape-" : join(os.homedir(), ".quire-escape-"));
  });
  afterAll(() => rmSync(parent, { recursive: true, force: true }));

  test.each(MODES)("nothing escapes and everything works in %s", { timeout: 120_000 }, async (mode) => {
    expect(failures(await runSuite(mode, parent, false))).toEqual([]);
  });

  test("the same holds in prewarmed sandboxes", { timeout: 120_000 }, async () => {
    expect(failures(await runSuite("workspace-write", parent, true))).toEqual([]);
  });
});

describe.skipIf(!isRoot)("as an ordinary user (made for this test; only root can make one)", () => {
  const name = `quire-probe-${process.pid}`;
  let home: string;
  beforeAll(async () => {
    home = `/var/${name}`;
    execFileSync("useradd", ["--create-home", "--home-dir", home, "--shell", "/bin/sh", name]);
    await build({
      entryPoints: [fileURLToPath(new URL("./main.ts", import.meta.url))],
      outfile: join(home, "suite.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
      external: ["@lydell/node-pty"],
      logLevel: "error",
    });
    copyTerminalModule(join(home, "node_modules/@lydell"));
    execFileSync("chown", ["-R", name, home]);
  });
  afterAll(() => {
    spawnSync("userdel", ["--remove", name]);
    rmSync(home, { recursive: true, force: true });
  });

  test.each(MODES)("nothing escapes and everything works in %s", { timeout: 120_000 }, (mode) => {
    const run = [
      "--reuid",
      name,
      "--regid",
      name,
      "--clear-groups",
      process.execPath,
      join(home, "suite.mjs"),
      mode,
      home,
      "--json",
    ];
    const env = { PATH: process.env.PATH, HOME: home };
    const { stdout, stderr } = spawnSync("setpriv", run, {
      cwd: home,
      env,
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    if (!stdout.startsWith("{")) throw new Error(`the suite did not finish: ${stderr}`);
    const suite = JSON.parse(stdout) as SuiteResult;
    expect(suite.uid).not.toBe(0);
    expect(failures(suite)).toEqual([]);
  });
});

/** The native module cannot be bundled, and the checkout may lie where the new user cannot read. */
function copyTerminalModule(target: string): void {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "node_modules/@lydell"))) folder = dirname(folder);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(folder, "node_modules/@lydell"), target, { recursive: true, dereference: true });
}
