import { readdirSync, readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld, type WorldOptions } from "./support/exec-world.ts";

const MIB = 1024;

/** Runs one command in a thread and watches how large our own process gets. Memory in KiB. */
async function flood(cmd: string, options: WorldOptions = {}) {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd, yield_time_ms: 30_000 }), says("survived")],
    ...options,
  });
  let highest = 0;
  let timer: NodeJS.Timeout | undefined;
  const run = await world.exec(["--json", "--output-deltas", "go"], {
    timeoutMs: 60_000,
    onStart(child) {
      timer = setInterval(() => {
        highest = Math.max(highest, residentKiB(child.pid ?? 0));
      }, 20);
    },
  });
  clearInterval(timer);
  const log = statSync(rolloutOf(world.quireHome)).size;
  return { run, highest, log, output: world.server.requests.at(-1)?.toolOutputs[0] ?? "" };
}

function residentKiB(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    // Ended since.
    return 0;
  }
}

function rolloutOf(quireHome: string): string {
  const name = readdirSync(join(quireHome, "sessions"), { recursive: true, encoding: "utf8" }).find((entry) =>
    entry.endsWith(".jsonl"),
  );
  return join(quireHome, "sessions", name ?? "");
}

// Class 22.
test("three seconds of output without end cost neither memory nor log", async () => {
  const quiet = await flood("echo quiet");
  const loud = await flood("timeout 3 yes 'a line of output that somebody would like to read'");
  expect(loud.run.exitCode).toBe(0);
  expect(loud.output).toMatch(/exited with code 124[\s\S]*Original token count: \d{7,}/);
  expect(loud.output.length).toBeLessThan(64 * MIB);
  expect(loud.log).toBeLessThan(512 * MIB);
  expect(loud.highest - quiet.highest).toBeLessThan(50 * MIB);
}, 90_000);

test("a line of a gigabyte is a line like any other", async () => {
  const { run, output, highest, log } = await flood("head -c 1000000000 /dev/zero | tr '\\0' a; echo end");
  expect(run.exitCode).toBe(0);
  expect(output).toMatch(/exited with code 0[\s\S]*end\n$/);
  expect(log).toBeLessThan(512 * MIB);
  expect(highest).toBeLessThan(250 * MIB);
}, 90_000);

test("a command that multiplies itself meets the limit before it is anywhere near two thousand", async () => {
  // Eleven doublings and then nothing: were there no limit, the machine would not feel more than this.
  // Those that wait hold their places until the last has tried; on a busy machine some give theirs up before.
  const bomb = "for (1..11) { fork // last } syswrite STDOUT, 'x'; sleep 4";
  const { run, output } = await flood(`perl -e "${bomb}"; echo; echo after`);
  expect(run).toMatchObject({ exitCode: 0, timedOut: false });
  const [, reached = ""] = /^(x+)\nafter$/m.exec(output) ?? [];
  expect(reached.length).toBeGreaterThan(100);
  expect(reached.length).toBeLessThanOrEqual(1024);
}, 60_000);

test("a file of three gigabytes and a core dump meet their limits", async () => {
  const { run, output } = await flood(
    "truncate -s 3G big; echo made $?; ulimit -c; stat -c %s big; rm -f big",
  );
  expect(run.exitCode).toBe(0);
  expect(output).toMatch(/made [1-9]\d*\n0\n/);
}, 60_000);

const DEPTH = 100_000;
const deepArray = `${"[".repeat(DEPTH)}${"]".repeat(DEPTH)}`;
const deepObject = `${'{"a":'.repeat(DEPTH)}1${"}".repeat(DEPTH)}`;

test("JSON a hundred thousand levels deep is refused wherever the model puts it", async () => {
  await using world = await execWorld({
    // So much punctuation would be estimated to be beyond a usual window, and summarised.
    config: "model_context_window = 100000000\n",
    steps: [
      callsTool("exec_command", deepObject),
      callsTool("exec_command", `{"cmd": ${deepArray}}`),
      callsTool("update_plan", `{"plan": ${deepArray}}`),
      callsTool("no_such_tool", deepObject),
      says("survived"),
    ],
  });
  const run = await world.exec(["go"]);
  expect(run).toMatchObject({ exitCode: 0, stdout: "survived\n" });
  expect(world.server.requests.at(-1)?.toolOutputs).toHaveLength(4);
}, 60_000);

test.each([
  ["an array", `x = ${"[".repeat(DEPTH)}${"]".repeat(DEPTH)}\n`],
  ["tables", `x = ${"{a=".repeat(DEPTH)}1${"}".repeat(DEPTH)}\n`],
  ["a dotted key", `${"a.".repeat(DEPTH)}b = 1\n`],
])(
  "a configuration with %s of that depth is an error with a place, not a crash",
  async (_name, text) => {
    await using world = await execWorld({ script: { afterwards: says("ok") } });
    const path = join(world.quireHome, "config.toml");
    await writeFile(path, `${text}${readFileSync(path, "utf8")}`);
    const run = await world.exec(["go"]);
    expect([0, 1]).toContain(run.exitCode);
    expect(run.stderr).not.toMatch(/Maximum call stack|RangeError|\[internal\]/);
    expect(run.stderr.length).toBeLessThan(8192);
  },
  60_000,
);

test("a log with lines of that depth, or of many megabytes, is resumed without them", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await world.exec(["go"]);
  const path = rolloutOf(world.quireHome);
  const foreign = [
    `{"timestamp":"2026-01-01T00:00:00Z","type":"response_item","payload":${deepObject}}`,
    `{"timestamp":"2026-01-01T00:00:00Z","type":"event_msg","payload":{"type":"item_completed","turn_id":"x","item":${deepArray}}}`,
    `{"timestamp":"2026-01-01T00:00:00Z","type":"unheard_of","payload":"${"x".repeat(20 * MIB * MIB)}"}`,
    deepArray,
    `"${"\\u0000".repeat(100_000)}"`,
  ];
  await writeFile(path, `${readFileSync(path, "utf8")}${foreign.join("\n")}\n`);
  const run = await world.exec(["resume", "--last", "again"]);
  expect(run).toMatchObject({ exitCode: 0, stdout: "ok\n" });
  expect(
    world.server.requests.at(-1)?.inputTexts.filter((text) => text === "again" || text === "go"),
  ).toEqual(["go", "again"]);
}, 60_000);
