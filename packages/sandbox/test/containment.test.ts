import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSandbox, probeSandbox } from "../src/index.ts";
import { begin, collect, type Fixture, makeFixture, runScript } from "./fixture.ts";

const RUNNER = fileURLToPath(new URL("../bin/sandbox-run.mjs", import.meta.url));

let fixture: Fixture;
let cwd: string;
beforeEach(() => {
  fixture = makeFixture();
  cwd = fixture.workspace;
});
afterEach(() => fixture.remove());

function runnerArgs(): string[] {
  return [RUNNER, "--ws", cwd, "--home", fixture.deps.homeDir, "--runtime", fixture.deps.runtimeDir, "--"];
}

describe("status and refusals", () => {
  test("a sandbox is unproven until it is needed", async () => {
    const sandbox = fixture.sandbox();
    expect(sandbox.status).toEqual({
      mode: "workspace-write",
      backend: "bubblewrap",
      state: { kind: "unproven" },
      weaknesses: [],
    });
    await runScript(sandbox, cwd, "true");
    expect(sandbox.status.state).toEqual({ kind: "ready", version: expect.stringMatching(/^\d+\.\d+/) });
  });

  test("a refused folder means that nothing runs", async () => {
    const sandbox = fixture.sandbox({ workspaceRoots: [fixture.deps.homeDir] });
    const outcome = await sandbox.start({ argv: ["touch", "ran"], cwd });
    expect(outcome).toMatchObject({ kind: "unavailable", reason: { code: "root-refused" } });
    expect(existsSync(join(cwd, "ran"))).toBe(false);
  });

  test("a bwrap that does not work means that nothing runs, with the cause", async () => {
    const program = join(fixture.base, "elsewhere/bwrap");
    mkdirSync(dirname(program));
    const script =
      '#!/bin/sh\n[ "$1" = --version ] && echo bubblewrap 0.8.0 && exit\necho "bwrap: setting up uid map: Permission denied" >&2; exit 1\n';
    writeFileSync(program, script, { mode: 0o755 });
    const { probeBubblewrap } = await import("../src/bubblewrap/probe.ts");
    mkdirSync(fixture.deps.runtimeDir);
    const programs = { bwrap: program, sh: "/bin/sh", setsid: undefined, mkfifo: undefined, perl: undefined };
    expect(await probeBubblewrap({ programs, freshProc: true }, fixture.deps)).toMatchObject({
      ok: false,
      reason: { code: "user-namespaces-denied", cause: expect.stringContaining("setting up uid map") },
    });
    expect(
      await probeBubblewrap({ programs: { ...programs, bwrap: undefined }, freshProc: true }, fixture.deps),
    ).toMatchObject({
      ok: false,
      reason: { code: "bubblewrap-missing" },
    });
  });

  test("a platform without a sandbox runs nothing", async () => {
    const sandbox = createSandbox(fixture.policy(), { ...fixture.deps, platform: "win32" });
    expect(await sandbox.start({ argv: ["true"], cwd })).toMatchObject({
      reason: { code: "platform-unsupported" },
    });
    const machine = createSandbox(fixture.policy(), { ...fixture.deps, arch: "riscv64" });
    expect(await machine.start({ argv: ["true"], cwd })).toMatchObject({
      reason: { code: "platform-unsupported" },
    });
  });

  test("a success is remembered for the same program and kernel only", async () => {
    expect(await probeSandbox(fixture.deps)).toEqual({
      ok: true,
      backend: "bubblewrap",
      processLimit: expect.stringMatching(/^(?:user|group|namespace|none)$/),
      version: expect.any(String),
    });
    const file = join(fixture.deps.runtimeDir, "probe.json");
    writeFileSync(file, readFileSync(file, "utf8").replace(/"version":"[^"]+"/, '"version":"9.9"'));
    expect(await probeSandbox(fixture.deps)).toMatchObject({ version: "9.9" });
    expect(await probeSandbox({ ...fixture.deps, kernelRelease: "other" })).not.toMatchObject({
      version: "9.9",
    });
    writeFileSync(file, "{ damaged");
    expect(await probeSandbox(fixture.deps)).toMatchObject({ ok: true });
  });
});

describe("what a command left behind", () => {
  test("a clean run has no notices and leaves nothing", async () => {
    execFileSync("git", ["init", "-q", cwd]);
    const before = readdirSync(cwd);
    const { exit } = await runScript(fixture.sandbox(), cwd, "echo x > made");
    expect(exit).toEqual({ kind: "exited", code: 0, denials: [], notices: [] });
    await expect.poll(() => readdirSync(cwd)).toEqual([...before, "made"].sort());
  });

  test("git does not see the covers, while commands run or later", async () => {
    execFileSync("git", ["init", "-q", cwd]);
    const status = () =>
      execFileSync("git", ["-C", cwd, "status", "--porcelain", "-uall", "--ignored"], { encoding: "utf8" });
    const sandboxes = [fixture.sandbox(), fixture.sandbox()];
    const commands = await Promise.all(
      sandboxes.map((sandbox) => begin(sandbox, { argv: ["cat"], cwd, stdin: "pipe" })),
    );
    expect(readdirSync(cwd)).toEqual(expect.arrayContaining([".quire", ".vscode"]));
    expect(status()).toBe("");
    await commands[0]?.kill();
    await sandboxes[0]?.close();
    expect(readdirSync(cwd)).toEqual(expect.arrayContaining([".quire", ".vscode"]));
    await commands[1]?.kill();
    await sandboxes[1]?.close();
    expect(readdirSync(cwd)).toEqual([".git"]);
  });

  test("new settings of an agent are moved aside, with a notice that says where", async () => {
    const { exit } = await runScript(
      fixture.sandbox(),
      cwd,
      "mkdir -p sub/.codex && echo x > sub/.codex/config.toml",
    );
    const [notice] = exit.notices;
    expect(notice).toMatchObject({ kind: "quarantined", path: join(cwd, "sub/.codex") });
    const [name = ""] = readdirSync(join(cwd, "sub"));
    expect(name).toMatch(/^\.codex\.quarantined-/);
    expect(notice?.message).toContain(name);
    expect(readFileSync(join(cwd, "sub", name, "config.toml"), "utf8")).toBe("x\n");
  });

  test("a plain new repository stays, and is read-only for the next command", async () => {
    const sandbox = fixture.sandbox();
    const { exit } = await runScript(sandbox, cwd, "git init -q fresh");
    expect(exit.notices).toMatchObject([{ kind: "new-repository", path: join(cwd, "fresh/.git") }]);
    const { exit: next } = await runScript(sandbox, cwd, "git -C fresh config core.pager evil");
    expect(next).toMatchObject({ kind: "exited", code: expect.any(Number), notices: [] });
    expect(readFileSync(join(cwd, "fresh/.git/config"), "utf8")).not.toContain("evil");
  });

  test("a replaced protected link is put back", async () => {
    mkdirSync(join(cwd, "settings"));
    symlinkSync("settings", join(cwd, ".claude"));
    const { exit } = await runScript(
      fixture.sandbox(),
      cwd,
      "rm .claude; mkdir .claude; echo x > .claude/settings.json",
    );
    expect(lstatSync(join(cwd, ".claude")).isSymbolicLink()).toBe(true);
    expect(exit.notices.map(({ kind }) => kind)).toEqual(["quarantined", "restored-link"]);
  });

  test("a refusal is recognised in the output", async () => {
    const { exit } = await runScript(fixture.sandbox(), cwd, "touch /usr/x; exit 1");
    expect(exit.denials).toMatchObject([{ kind: "write", path: "/usr/x" }]);
  });
});

describe("across processes", () => {
  test("inherited descriptors, even high ones, do not reach a command", () => {
    const secret = fixture.put("../secret-file", "secret");
    const command = [process.execPath, ...runnerArgs(), "bash", "-c", "'ls /proc/self/fd; cat <&200'"].join(
      " ",
    );
    const { stdout } = spawnSync("bash", ["-c", `exec 200<${secret} 7<${secret}; ${command}`], {
      encoding: "utf8",
    });
    // The listing itself opens the fourth.
    expect(stdout.trim().split("\n")).toEqual(["0", "1", "2", "3"]);
  });

  test("a launcher that is killed leaves no process and no folder", async () => {
    const mark = `40${process.pid}.5`;
    const before = readdirSync(cwd);
    const launcher = spawn(
      process.execPath,
      [...runnerArgs(), "sh", "-c", `setsid sleep ${mark} & echo ready; sleep ${mark}`],
      {
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    await once(launcher.stdout, "data");
    expect(readdirSync(cwd).length).toBeGreaterThan(before.length);
    launcher.kill("SIGKILL");
    await once(launcher, "exit");
    const left = () => spawnSync("pgrep", ["-f", `sleep ${mark}`], { encoding: "utf8" }).stdout.trim();
    await expect.poll(left).toBe("");
    await expect.poll(() => readdirSync(cwd), { timeout: 5000 }).toEqual(before);
  });

  test("covers outlive the process that made them while another relies on them", async () => {
    const first = spawn(process.execPath, [...runnerArgs(), "sh", "-c", "echo ready; sleep 0.4"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    await once(first.stdout, "data");
    const second = await begin(fixture.sandbox(), {
      argv: [
        "bash",
        "-c",
        "read -r line; mkdir -p .quire/x && echo x > .quire/x/y && echo ESCAPED; echo end",
      ],
      cwd,
      stdin: "pipe",
    });
    const finished = collect(second);
    await once(first, "exit");
    await second.write("go\n");
    expect((await finished).stdout).toBe("end\n");
    await expect.poll(() => existsSync(join(cwd, ".quire"))).toBe(false);
  });

  test("the runner passes on exit codes, signals and streams", async () => {
    const run = (...argv: string[]) =>
      spawnSync(process.execPath, [...runnerArgs(), ...argv], { encoding: "utf8", input: "in" });
    expect(run("sh", "-c", "cat; echo err >&2; exit 9")).toMatchObject({
      status: 9,
      stdout: "in",
      stderr: "err\n",
    });
    const child = spawn(process.execPath, [...runnerArgs(), "sh", "-c", "echo ready; sleep 60"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([143, null]);
  });
});

test("commands that swap folders for links while others start gain nothing", {
  timeout: 60_000,
}, async () => {
  const sandbox = fixture.sandbox();
  // The same shape as below, so that a sandbox made while the link stands would be complete.
  const { homeDir } = fixture.deps;
  mkdirSync(join(homeDir, "b/.git"), { recursive: true });
  const swap = `
    mkdir "a"; mkdir "a/b"; mkdir "a/b/.git"; mkdir "store"; $| = 1; print "ready\n";
    while (1) {
      select(undef, undef, undef, 0.004); rename "a", "store/a"; symlink "../home", "a";
      select(undef, undef, undef, 0.004); unlink "a"; rename "store/a", "a";
    }`;
  // It made the folders itself, so its own sandbox does not hold them in place.
  const swapper = await begin(sandbox, { argv: ["perl", "-e", swap], cwd });
  await new Promise<void>((resolve) => swapper.onOutput(() => resolve()));
  const kinds = new Set<string>();
  for (let round = 0; round < 60; round++) {
    const script = `echo x > ${homeDir}/escaped; echo x > a/escaped`;
    const outcome = await sandbox.start({ argv: ["bash", "-c", script], cwd });
    kinds.add(outcome.kind);
    if (outcome.kind === "started") await collect(outcome.command);
    expect(readdirSync(homeDir)).toEqual(["b"]);
  }
  await swapper.kill();
  expect([...kinds]).toContain("started");
});

test("two hundred megabytes of output cost little memory", { timeout: 60_000 }, async () => {
  const command = await begin(fixture.sandbox(), { argv: ["head", "-c", "200000000", "/dev/zero"], cwd });
  let [received, peak] = [0, 0];
  const before = process.memoryUsage().rss;
  command.onOutput((chunk) => {
    received += chunk.length;
    peak = Math.max(peak, process.memoryUsage().rss);
  });
  expect(await command.exited).toMatchObject({ kind: "exited", code: 0 });
  expect(received).toBe(200_000_000);
  expect((peak - before) / 2 ** 20).toBeLessThan(30);
});
