import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { assertAppendOnly, callsTool, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { completedItems, type ExecWorld, execWorld } from "./support/exec-world.ts";

function threadOf(events: Awaited<ReturnType<ExecWorld["execJson"]>>["events"]): {
  id: string;
  path: string;
} {
  const [started] = events;
  if (started?.type !== "thread.started") throw new Error("the stream does not begin with thread.started");
  return { id: started.thread_id, path: started.rollout_path ?? "" };
}

test("a resumed thread goes on with the same id and the very bytes it had; its usage counts on", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd: "cat a.txt" }), says("It says one.")],
    script: { afterwards: says("Still one.") },
  });
  const first = await world.execJson(["what does it say?"]);
  const second = await world.execJson(["resume", "--last", "and now?"]);
  expect(threadOf(second.events)).toEqual(threadOf(first.events));
  assertAppendOnly(world.server.requests);
  expect(world.server.requests.at(-1)?.inputTexts.slice(-2)).toEqual(["It says one.", "and now?"]);
  const [before, after] = [first.events.at(-1), second.events.at(-1)];
  if (before?.type !== "turn.completed" || after?.type !== "turn.completed") throw new Error("not completed");
  expect(after.usage.input_tokens).toBe(before.usage.input_tokens + (after.usage.turn?.input_tokens ?? 0));
});

test("a fork begins with the same bytes, under an id of its own, and leaves the source alone", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const source = threadOf((await world.execJson(["one"])).events);
  const before = await readFile(source.path);
  const fork = threadOf((await world.execJson(["fork", source.id, "two"])).events);
  expect(fork.id).not.toBe(source.id);
  expect(await readFile(source.path)).toEqual(before);
  expect(world.server.requests[1]?.inputTexts.slice(-3)).toEqual(["one", "ok", "two"]);
  const meta: unknown = JSON.parse((await readFile(fork.path, "utf8")).split("\n")[0] ?? "");
  expect(meta).toMatchObject({ type: "session_meta", payload: { id: fork.id, forked_from_id: source.id } });
});

test("--last means the last thread of this directory, an id may be shortened, an unknown one is said to be unknown", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const { id } = threadOf((await world.execJson(["one"])).events);
  const elsewhere = await world.exec(["resume", "--last", "--skip-git-repo-check", "x"], {
    cwd: world.home.path,
  });
  expect(elsewhere).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("[thread_not_found]") });
  const all = await world.exec(["resume", "--last", "--all", "x"], { cwd: world.home.path });
  expect(all.exitCode).toBe(0);
  expect((await world.exec(["resume", id.slice(0, 18), "x"])).exitCode).toBe(0);
  const unknown = await world.exec(["resume", "0198a000-0000-7000-8000-000000000001", "x"]);
  expect(unknown).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("[thread_not_found]") });
});

test("killed in the middle of a command, a thread goes on, knows what it does not know, and repeats nothing", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd: "echo ran >> log.txt; sleep 30" })],
    script: { afterwards: says("I will look at the state first.") },
  });
  const killed = await world.execJson(["work"], {
    onStdout: () => undefined,
    onStart: (child) => {
      const timer = setInterval(() => {
        void readFile(join(world.repository.path, "log.txt")).then(
          () => {
            clearInterval(timer);
            child.kill("SIGKILL");
          },
          () => undefined,
        );
      }, 20);
    },
  });
  expect(killed.run.signal).toBe("SIGKILL");
  const { run, events } = await world.execJson(["resume", "--last"]);
  expect(run.exitCode).toBe(0);
  expect(threadOf(events).id).toBe(threadOf(killed.events).id);
  expect(run.stderr).toMatch(/unknown how this ended.*echo ran.*\[outcome_unknown\]/);
  expect(world.server.requests.at(-1)?.toolOutputs).toEqual([expect.stringMatching(/^Outcome unknown/)]);
  expect(await world.repository.read("log.txt")).toBe("ran\n");
  assertAppendOnly(world.server.requests);
});

test("SIGKILL at any moment: every later resume continues, and no command has run twice", async () => {
  const steps = Array.from({ length: 12 }, (_, index) =>
    callsTool("exec_command", { cmd: `echo ${index} >> log.txt` }),
  );
  await using world = await execWorld({
    steps,
    script: { cursor: "history", afterwards: says("All done.") },
  });
  // How long a start takes here and now: a kill is to land before, at and after the first command.
  const { durationMs: start } = await world.exec(["resume", "--last"]);
  let finished = false;
  for (let round = 0; round < 40 && !finished; round++) {
    const args = round === 0 ? ["work"] : ["resume", "--last"];
    const delay = start * (0.5 + ((round * 37) % 190) / 100);
    const run = await world.exec(args, {
      onStart: (child) => void setTimeout(() => child.kill("SIGKILL"), delay),
    });
    const nothingYet = run.exitCode === 1 && run.stderr.includes("thread_not_found");
    if (nothingYet) await world.exec(["work"]);
    finished = run.exitCode === 0 || (run.exitCode === 2 && run.stderr.includes("is complete"));
    if (!finished && !nothingYet) expect(run.signal).toBe("SIGKILL");
  }
  const last = await world.exec(["resume", "--last", "finish"]);
  expect([last.exitCode, last.stdout, last.stderr]).toEqual([0, "All done.\n", expect.any(String)]);
  const lines = (await world.repository.read("log.txt")).trim().split("\n");
  expect(new Set(lines).size).toBe(lines.length);
});

test("a complete thread has nothing to go on with, and says so", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await world.exec(["one"]);
  expect(await world.exec(["resume", "--last"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("[prompt_empty]"),
  });
});

test("a second process on the same thread is refused and told what to do; no line is mixed", async () => {
  await using world = await execWorld({
    steps: [says("ok"), callsTool("exec_command", { cmd: "sleep 2" })],
    script: { afterwards: says("done") },
  });
  const { id, path } = threadOf((await world.execJson(["one"])).events);
  const slow = world.exec(["resume", id, "two"]);
  await world.server.arrived(2);
  const second = await world.exec(["resume", id, "three"]);
  expect(second).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/\[thread_busy\][\s\S]*exec fork/),
  });
  expect((await slow).exitCode).toBe(0);
  for (const line of (await readFile(path, "utf8")).trimEnd().split("\n")) JSON.parse(line);
});

test("a torn last line costs that line; the file as it was is kept", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const { path, id } = threadOf((await world.execJson(["one"])).events);
  const { appendFile, readdir } = await import("node:fs/promises");
  await appendFile(path, '{"timestamp":"2026-01-01T00:00:00.000Z","type":"response_it');
  const run = await world.exec(["resume", id, "two"]);
  expect(run).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("[rollout_damaged]") });
  expect((await readdir(join(path, ".."))).filter((name) => name.includes(".damaged-"))).toHaveLength(1);
});

test("a resumed thread keeps the model it began with", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await world.exec(["-m", "gpt-5.2-codex", "one"]);
  await world.exec(["resume", "--last", "two"]);
  await world.exec(["resume", "--last", "-m", "gpt-5.1-codex", "three"]);
  const models = world.server.requests.map((request) => request.model);
  expect(models).toEqual(["gpt-5.2-codex", "gpt-5.2-codex", "gpt-5.1-codex"]);
});

test("interrupted by Ctrl-C a turn ends in order, leaves nothing running and can be resumed", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd: "echo started > log.txt; sleep 60" })],
    script: { afterwards: says("Went on.") },
  });
  const { run, events } = await world.execJson(["work"], {
    onStart: (child) => {
      const timer = setInterval(() => {
        void readFile(join(world.repository.path, "log.txt")).then(
          () => {
            clearInterval(timer);
            child.kill("SIGINT");
          },
          () => undefined,
        );
      }, 20);
    },
  });
  expect(run.exitCode).toBe(130);
  expect(run.durationMs).toBeLessThan(30_000);
  expect(events.at(-1)).toMatchObject({ type: "turn.failed", error: { code: "interrupted" } });
  expect(completedItems(events).map((item) => item.type)).toEqual(["command_execution"]);
  expect((await world.exec(["resume", "--last", "go on"])).stdout).toBe("Went on.\n");
});
