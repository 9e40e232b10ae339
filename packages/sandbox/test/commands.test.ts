import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sandbox, SandboxMode } from "../src/index.ts";
import { begin, collect, type Fixture, makeFixture, runScript } from "./fixture.ts";

const MODES: readonly SandboxMode[] = [
  "workspace-write",
  "read-only",
  "danger-full-access",
  "external-sandbox",
];
const quiet = { denials: [], notices: [] };

function processesCalled(mark: string): string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(mark);
    } catch {
      // It ended while we looked.
      return false;
    }
  });
}

describe.each(MODES)("a command in %s", (mode) => {
  let fixture: Fixture;
  let sandbox: Sandbox;
  let cwd: string;
  beforeAll(() => {
    fixture = makeFixture();
    cwd = fixture.workspace;
    sandbox = fixture.sandbox({ mode });
  });
  afterAll(() => fixture.remove());

  test("delivers both streams and the exit code", async () => {
    expect(await runScript(sandbox, cwd, "echo out; echo err >&2; exit 7")).toEqual({
      exit: { kind: "exited", code: 7, ...quiet },
      stdout: "out\n",
      stderr: "err\n",
      tty: "",
    });
  });

  test("runs in its folder and reads end-of-file by default", async () => {
    const { stdout } = await runScript(sandbox, cwd, "pwd; cat; echo end");
    expect(stdout).toBe(`${cwd}\nend\n`);
  });

  test("reads what is written to it", async () => {
    const command = await begin(sandbox, { argv: ["cat"], cwd, stdin: "pipe" });
    const finished = collect(command);
    expect(await command.write("one ")).toBe(true);
    expect(await command.write(Buffer.from("two"))).toBe(true);
    command.endInput();
    expect(await finished).toMatchObject({ exit: { kind: "exited", code: 0 }, stdout: "one two" });
    expect(await command.write("late")).toBe(false);
  });

  test("can open its output streams by name", async () => {
    const script = "echo a > /dev/stdout; echo b > /dev/stderr; echo c | tee /dev/stderr";
    expect(await runScript(sandbox, cwd, script)).toMatchObject({ stdout: "a\nc\n", stderr: "b\nc\n" });
  });

  test("keeps arguments as they are", async () => {
    const words = ["a b", "", "c\nd", "'\"$x`", "ü", "-n"];
    const argv = ["node", "-e", "console.log(JSON.stringify(process.argv.slice(1)))", "--", ...words];
    const { stdout } = await collect(await begin(sandbox, { argv, cwd }));
    expect(JSON.parse(stdout)).toEqual(words);
  });

  test("gets its own variables, not the host's secrets", async () => {
    const { stdout } = await runScript(sandbox, cwd, 'echo "$MINE|$LD_LIBRARY_PATH|$HOME"', {
      env: { MINE: "x=y\nz", LD_LIBRARY_PATH: "/nowhere" },
    });
    expect(stdout).toBe(`x=y\nz|/nowhere|${fixture.deps.homeDir}\n`);
  });

  test("has a terminal of the asked size, which can be resized", async () => {
    const command = await begin(sandbox, {
      argv: ["bash", "-c", "tty -s && stty size; read -r line; stty size; echo got $line"],
      cwd,
      tty: { cols: 100, rows: 30 },
    });
    let text = "";
    await new Promise<void>((resolve) => {
      command.onOutput((chunk, stream) => {
        text += `${stream === "tty" ? "" : stream}${chunk.toString()}`;
        if (text.includes("30 100")) resolve();
      });
    });
    command.resize(120, 40);
    await command.write("hello\n");
    expect(await command.exited).toEqual({ kind: "exited", code: 0, ...quiet });
    expect(text.replaceAll("\r", "")).toBe("30 100\nhello\n40 120\ngot hello\n");
  });

  test("loses nothing it printed on a terminal just before it ended", async () => {
    const argv = ["head", "-c", "3000001", "/dev/zero"];
    let received = 0;
    const command = await begin(sandbox, { argv, cwd, tty: { cols: 80, rows: 24 } });
    command.onOutput((chunk) => {
      received += chunk.length;
    });
    expect(await command.exited).toMatchObject({ kind: "exited", code: 0 });
    expect(received).toBe(3_000_001);
  });

  test("is interrupted, not ended, by Ctrl-C on its terminal", async () => {
    const script = "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 0.05; done";
    const command = await begin(sandbox, { argv: ["bash", "-c", script], cwd, tty: { cols: 80, rows: 24 } });
    let text = "";
    await new Promise<void>((resolve) => {
      command.onOutput((chunk) => {
        text += chunk.toString();
        if (text.includes("ready")) resolve();
      });
    });
    await command.write("\u0003");
    expect(await command.exited).toMatchObject({ kind: "exited", code: 3 });
    expect(text).toContain("caught");
  });

  test("is killed with everything it started, even what ignores it", async () => {
    const mark = `kill-${mode}-${Date.now()}`;
    const script = `trap '' TERM; for i in 1 2; do (trap '' TERM; setsid bash -c 'exec -a ${mark} sleep 60' & ) ; done; echo ready; while :; do sleep 1; done`;
    const command = await begin(sandbox, { argv: ["bash", "-c", script], cwd });
    await new Promise<void>((resolve) => command.onOutput(() => resolve()));
    await expect.poll(() => processesCalled(mark).length).toBeGreaterThanOrEqual(2);
    const started = performance.now();
    await command.kill();
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(await command.exited).toMatchObject({ kind: "signaled", signal: "SIGKILL" });
    expect(processesCalled(mark)).toEqual([]);
    await command.kill();
  });

  test("ends when the caller aborts", async () => {
    const controller = new AbortController();
    const command = await begin(sandbox, { argv: ["sleep", "60"], cwd }, { signal: controller.signal });
    controller.abort();
    expect(await command.exited).toMatchObject({ kind: "signaled", signal: "SIGTERM" });
  });

  test("does not wait for background jobs that hold the output open", async () => {
    const started = performance.now();
    expect(await runScript(sandbox, cwd, "sleep 60 & echo done")).toMatchObject({ stdout: "done\n" });
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test("stops producing while paused and loses nothing", async () => {
    const command = await begin(sandbox, { argv: ["head", "-c", "20000000", "/dev/zero"], cwd });
    let received = 0;
    command.onOutput((chunk) => {
      received += chunk.length;
    });
    command.pause();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(received).toBeLessThan(2_000_000);
    command.resume();
    expect(await command.exited).toMatchObject({ kind: "exited", code: 0 });
    expect(received).toBe(20_000_000);
  });

  test("ends when nobody listens", async () => {
    const command = await begin(sandbox, { argv: ["head", "-c", "5000000", "/dev/zero"], cwd });
    expect(await command.exited).toMatchObject({ kind: "exited", code: 0 });
  });

  test.each([
    [{ argv: [] }, "bad-command"],
    [{ argv: ["a\0b"] }, "bad-command"],
    [{ argv: ["true"], cwd: "relative" }, "bad-command"],
    [{ argv: ["true"], cwd: "/no/such/folder" }, "cwd-missing"],
    [{ argv: ["true"], env: { "A=B": "" } }, "bad-command"],
  ])("that is malformed does not start: %j", async (spec, code) => {
    const outcome = await sandbox.start({ cwd, ...spec });
    expect(outcome).toMatchObject({ kind: "failed", code });
  });
});

test("after close nothing runs and nothing starts", async () => {
  const fixture = makeFixture();
  const sandbox = fixture.sandbox();
  const command = await begin(sandbox, { argv: ["sleep", "60"], cwd: fixture.workspace });
  await sandbox.close();
  expect(await command.exited).toMatchObject({ kind: "signaled" });
  expect(await sandbox.start({ argv: ["true"], cwd: fixture.workspace })).toMatchObject({
    kind: "failed",
    code: "closed",
  });
  await sandbox.close();
  await fixture.remove();
});
