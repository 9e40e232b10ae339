import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Sandbox } from "../src/index.ts";
import { begin, collect, type Fixture, makeFixture, runScript } from "./fixture.ts";

let fixture: Fixture;
let cwd: string;
beforeEach(() => {
  fixture = makeFixture();
  cwd = fixture.workspace;
});
afterEach(() => fixture.remove());

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A sandbox with a command that ran, and another made ready. */
async function ready(): Promise<Sandbox> {
  const sandbox = fixture.sandbox();
  await runScript(sandbox, cwd, "true");
  sandbox.prewarm(cwd);
  await pause(100);
  return sandbox;
}

/** Whether the next command ran in what was made ready before `change`. */
async function survives(change: () => void): Promise<boolean> {
  const sandbox = await ready();
  change();
  const command = await begin(sandbox, { argv: ["bash", "-c", "true"], cwd });
  expect(await command.exited).toMatchObject({ kind: "exited", code: 0 });
  return command.prewarmed;
}

test("the next command uses what was made ready", async () => {
  expect(await survives(() => undefined)).toBe(true);
});

test("once one was made ready, each command finds another", async () => {
  const sandbox = fixture.sandbox();
  sandbox.prewarm(cwd);
  const prewarmed: boolean[] = [];
  for (let round = 0; round < 4; round++) {
    await pause(150);
    const command = await begin(sandbox, { argv: ["true"], cwd });
    prewarmed.push(command.prewarmed);
    await command.exited;
  }
  expect(prewarmed).toEqual([true, true, true, true]);
});

test("a preparation that was put off spares a run that ends before, and is made up for by an early command", async () => {
  const unused = fixture.sandbox();
  unused.prewarm(cwd, { afterMs: 30_000 });
  expect(unused.status.state.kind).toBe("unproven");
  await unused.close();

  const sandbox = fixture.sandbox();
  sandbox.prewarm(cwd, { afterMs: 30_000 });
  const prewarmed: boolean[] = [];
  for (let round = 0; round < 2; round++) {
    const command = await begin(sandbox, { argv: ["true"], cwd });
    prewarmed.push(command.prewarmed);
    await command.exited;
    await pause(150);
  }
  expect(prewarmed).toEqual([false, true]);

  const waited = fixture.sandbox();
  waited.prewarm(cwd, { afterMs: 1 });
  await pause(150);
  const command = await begin(waited, { argv: ["true"], cwd });
  expect(command.prewarmed).toBe(true);
  await command.exited;
});

test("while one command runs on, another is made ready for the next", async () => {
  const sandbox = await ready();
  const long = await begin(sandbox, { argv: ["sleep", "60"], cwd });
  await pause(250);
  const beside = await begin(sandbox, { argv: ["true"], cwd });
  expect([long.prewarmed, beside.prewarmed]).toEqual([true, true]);
  await Promise.all([beside.exited, long.kill()]);
});

test("nothing is made ready unasked", async () => {
  const sandbox = fixture.sandbox();
  for (let round = 0; round < 2; round++) {
    const command = await begin(sandbox, { argv: ["true"], cwd });
    expect(command.prewarmed).toBe(false);
    await command.exited;
    await pause(100);
  }
});

test("the environment and the folder are those of a fresh one, in any folder of the workspace", async () => {
  const folder = join(cwd, "a 'quoted'\nfolder");
  mkdirSync(folder);
  const spec = { argv: ["bash", "-c", "env | sort; pwd; echo $PWD"], cwd: folder, env: { MINE: "1" } };
  const fresh = await collect(await begin(fixture.sandbox(), spec));
  const command = await begin(await ready(), spec);
  expect(command.prewarmed).toBe(true);
  expect(await collect(command)).toEqual(fresh);
  const plain = { ...spec, cwd };
  const freshPlain = await collect(await begin(fixture.sandbox(), plain));
  const reused = await begin(await ready(), plain);
  expect(reused.prewarmed).toBe(true);
  expect(await collect(reused)).toEqual(freshPlain);
});

test.each<[string, () => void]>([
  ["a new nested repository", () => execFileSync("git", ["init", "-q", join(cwd, "nested")])],
  ["new nested settings", () => fixture.put("a/.quire/config.toml")],
  ["a new secret", () => fixture.put(".env", "K=1")],
])("%s makes it useless", async (_name, change) => {
  expect(await survives(change)).toBe(false);
});

test("a protected file replaced by another of the same name makes it useless", async () => {
  fixture.put("sub/.env", "old");
  const replace = () => {
    fixture.put("sub/new", "secret");
    renameSync(join(cwd, "sub/new"), join(cwd, "sub/.env"));
  };
  expect(await survives(replace)).toBe(false);
});

test("a workspace that became a link meanwhile is not written through", async () => {
  const elsewhere = join(fixture.base, "elsewhere");
  mkdirSync(elsewhere);
  const sandbox = await ready();
  renameSync(cwd, `${cwd}-moved`);
  symlinkSync(elsewhere, cwd);
  const outcome = await sandbox.start({ argv: ["bash", "-c", `echo x > ${cwd}/made; echo x > made`], cwd });
  if (outcome.kind === "started") await outcome.command.exited;
  expect(readdirSync(elsewhere)).toEqual([]);
});

test("each is used once, and two commands share nothing", async () => {
  const sandbox = fixture.sandbox();
  const outputs: string[] = [];
  for (let round = 0; round < 3; round++) {
    sandbox.prewarm(cwd);
    const { stdout } = await runScript(
      sandbox,
      cwd,
      "cat /dev/shm/x 2>/dev/null; echo $LEFT; grep -l sleep /proc/[0-9]*/comm; export LEFT=1; echo x > /dev/shm/x; sleep 50 & true",
    );
    outputs.push(stdout);
  }
  expect(outputs).toEqual(["\n", "\n", "\n"]);
});

test.each([
  ["few and short", ["a b", "", "'\"$x`\\", "ü", "-n", "*"]],
  ["many lines and long", ["a b", "", "c\nd", "'\"$x`\\", "ü", "-n", "x".repeat(50_000)]],
])("arguments that are %s, variables and input arrive as with a fresh one", async (_name, words) => {
  const code =
    "process.stdin.on('data',d=>t+=d).on('end',()=>console.log(JSON.stringify([process.argv.slice(1),process.env.V,t])));let t=''";
  const command = await begin(await ready(), {
    argv: ["node", "-e", code, "--", ...words],
    cwd,
    env: { V: "1' 2" },
    stdin: "pipe",
  });
  const finished = collect(command);
  await command.write("input");
  command.endInput();
  expect(command.prewarmed).toBe(true);
  expect(JSON.parse((await finished).stdout)).toEqual([words, "1' 2", "input"]);
});

test("closing leaves neither what was made ready nor its mount points", async () => {
  const before = readdirSync(cwd);
  const sandbox = await ready();
  expect(existsSync(join(cwd, ".quire"))).toBe(true);
  await sandbox.close();
  expect(readdirSync(cwd)).toEqual(before);
});
