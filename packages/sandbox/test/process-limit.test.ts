import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSandbox, probeSandbox } from "../src/index.ts";
import { countsNumbersPerNamespace, readSwitch } from "../src/limits/process-limit.ts";
import { begin, collect, type Fixture, makeFixture, runScript } from "./fixture.ts";

let fixture: Fixture;
let cwd: string;
beforeEach(() => {
  fixture = makeFixture();
  cwd = fixture.workspace;
});
afterEach(() => fixture.remove());

const isRoot = process.getuid?.() === 0;
const LIMITS = { processes: 20 };
/** Tries to start 600 that stay, and tells how many it got; they end with it. */
const COUNT =
  "perl -e 'my $n = 0; for (1..600) { my $p = fork; last unless defined $p; if (!$p) { sleep 60; exit } $n++; push @k, $p } kill 9, @k; print \"$n\\n\"'";

/** As if the trial on this machine had shown something else. */
async function pretend(processLimit: string): Promise<void> {
  expect(await probeSandbox(fixture.deps)).toMatchObject({ ok: true });
  const file = join(fixture.deps.runtimeDir, "probe.json");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), processLimit }));
}

test("what is found here limits the first command already", async () => {
  const probe = await probeSandbox(fixture.deps);
  if (!probe.ok || probe.processLimit === "none") throw new Error(`no limit here: ${JSON.stringify(probe)}`);
  expect(probe.processLimit).toMatch(isRoot ? /user|group|namespace/ : /user/);
  const { stdout } = await runScript(fixture.sandbox({ limits: LIMITS }), cwd, COUNT);
  expect(Number(stdout)).toBeGreaterThan(0);
  expect(Number(stdout)).toBeLessThanOrEqual(probe.processLimit === "namespace" ? 320 : 20);
});

describe.skipIf(!isRoot || !countsNumbersPerNamespace(fixtureKernel()))("root without control groups", () => {
  test("runs out of numbers, for good, and only in its own sandbox", async () => {
    const before = readSwitch();
    await pretend("namespace");
    const sandbox = fixture.sandbox({ limits: LIMITS });
    const script = `${COUNT}; cat /proc/sys/kernel/pid_max; (echo 9999 > /proc/sys/kernel/pid_max) 2>/dev/null || echo refused; ls /proc/self/fd`;
    const fresh = await runScript(sandbox, cwd, script);
    const [forks, highest, again, ...descriptors] = fresh.stdout.trim().split("\n");
    expect(Number(forks)).toBeGreaterThan(200);
    expect(Number(forks)).toBeLessThan(320);
    // The fourth descriptor is that of the listing itself.
    expect({ highest, again, descriptors }).toEqual({
      highest: "320",
      again: "refused",
      descriptors: ["0", "1", "2", "3"],
    });
    expect(readSwitch()).toBe(before);
    expect(sandbox.status.weaknesses).toEqual([]);
  });

  test("also in a sandbox that was made before its command was known, and beside a proxy", async () => {
    await pretend("namespace");
    const sandbox = fixture.sandbox({ limits: LIMITS });
    sandbox.prewarm(cwd);
    const highest = "cat /proc/sys/kernel/pid_max; ls /proc/self/fd | wc -l";
    // The first may come before one is ready, and the second finds one.
    const command = await begin(sandbox, { argv: ["bash", "-c", highest], cwd });
    expect(await collect(command)).toMatchObject({ stdout: "320\n4\n" });
    const proxied = fixture.sandbox({ limits: LIMITS, network: { proxy: { allow: ["example.com"] } } });
    expect(await runScript(proxied, cwd, highest)).toMatchObject({ stdout: "320\n4\n" });
  });
});

test("a machine where nothing limits root says so", async () => {
  await pretend("none");
  expect(await probeSandbox(fixture.deps)).toMatchObject({
    ok: true,
    processLimit: "none",
    weakness: { message: expect.stringContaining("nothing limits"), remedy: expect.stringContaining("user") },
  });
  const sandbox = createSandbox(fixture.policy(), fixture.deps);
  expect(await runScript(sandbox, cwd, "echo ran")).toMatchObject({ stdout: "ran\n" });
  expect(sandbox.status.weaknesses).toEqual([expect.stringContaining("nothing limits")]);
  await sandbox.close();
});

function fixtureKernel(): string {
  return readFileSync("/proc/sys/kernel/osrelease", "utf8").trim();
}
