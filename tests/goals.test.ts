import type { ExecEvent } from "@quire/protocol";
import { callsTool, replies, type Step, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { startAppServer } from "./support/app-server.ts";
import { execWorld } from "./support/exec-world.ts";

const COMPLETE = callsTool("update_goal", { status: "complete" });
let runs = 0;
/** A command that never prints the same twice. */
const works = (): Step => {
  runs += 1;
  return callsTool("exec_command", { cmd: `echo ${runs}` });
};

const goals = (events: readonly ExecEvent[]) =>
  events.flatMap((event) => (event.type === "goal.updated" ? [event.status] : []));
const failure = (events: readonly ExecEvent[]) =>
  events.flatMap((event) => (event.type === "turn.failed" ? [event.error.code] : []));

test("exec --goal goes on, turn after turn, until the model has proved it done", async () => {
  await using world = await execWorld({
    steps: [
      works(),
      says("First part."),
      works(),
      says("Second part."),
      works(),
      COMPLETE,
      says("All done."),
    ],
  });
  const { run, events } = await world.execJson(["--goal", "Make everything right"]);
  expect([run.exitCode, goals(events)]).toEqual([0, ["active", "complete"]]);
  expect(events.filter(({ type }) => type === "turn.completed").length).toBe(3);
  const { requests } = world.server;
  expect(requests.length).toBe(7);
  const tools =
    (requests[0]?.body as { tools?: { name?: string }[] } | undefined)?.tools?.map(({ name }) => name) ?? [];
  expect(tools.filter((name) => name?.endsWith("_goal"))).toEqual(["get_goal", "update_goal"]);
  const told = (at: number, tag: string) =>
    requests[at]?.inputTexts.filter((text) => text.startsWith(tag)).length ?? 0;
  // What it is about is said once; each turn that follows begins with what is used.
  expect([told(0, "<goal>\n"), told(6, "<goal>\n"), told(0, "<goal_turn>"), told(6, "<goal_turn>")]).toEqual([
    1, 1, 0, 2,
  ]);
  const [thread] = events.flatMap((event) => (event.type === "thread.started" ? [event.thread_id] : []));
  await using server = startAppServer(world);
  await server.client.initialize();
  await server.client.request("thread/resume", { threadId: thread });
  const { goal } = await server.client.request("thread/goal/get", { threadId: thread });
  expect(goal).toMatchObject({ objective: "Make everything right", status: "complete", tokenBudget: null });
  expect(goal.tokensUsed).toBeGreaterThan(0);
});

test("used-up tokens: the model wraps up, the goal is budgetLimited, and more tokens go on with it", async () => {
  const costly = (step: Step): Step => ({
    ...(step as ReturnType<typeof says>),
    usage: { input: 900, output: 200 },
  });
  await using world = await execWorld({
    steps: [costly(works()), costly(says("Half of it.")), costly(works()), COMPLETE, says("All of it.")],
  });
  const { run, events } = await world.execJson(["--goal", "Everything", "--goal-budget", "1000", "begin"]);
  expect([run.exitCode, goals(events)]).toEqual([1, ["active", "budgetLimited"]]);
  expect(events.at(-1)).toMatchObject({ type: "error", error: { code: "budget_exceeded" } });
  expect(world.server.requests.length).toBe(2);
  expect(world.server.requests[1]?.inputTexts.at(-1)).toMatch(
    /The tokens of the goal are used up \(1,100 of 1,000\)/,
  );
  const more = await world.execJson(["resume", "--last", "--goal-budget", "9000"]);
  expect([more.run.exitCode, goals(more.events)]).toEqual([0, ["active", "complete"]]);
});

test("a model that does not end its turn when the tokens are used up is ended", async () => {
  const costly = (): Step => ({
    ...(works() as ReturnType<typeof says>),
    usage: { input: 900, output: 200 },
  });
  await using world = await execWorld({ steps: Array.from({ length: 9 }, costly) });
  const { run, events } = await world.execJson(["--goal", "Everything", "--goal-budget", "1000"]);
  expect([run.exitCode, failure(events)]).toEqual([1, ["budget_exceeded"]]);
  expect(world.server.requests.length).toBe(4);
});

test("turns that bring the goal no nearer end with one typed error", async () => {
  const same = callsTool("exec_command", { cmd: "echo the same" });
  await using world = await execWorld({
    steps: [works(), says("1"), same, says("2"), same, says("3"), says("4"), says("5"), says("not asked")],
  });
  const { run, events } = await world.execJson(["--goal", "Everything"]);
  expect([run.exitCode, failure(events), goals(events)]).toEqual([
    1,
    ["goal_no_progress"],
    ["active", "blocked"],
  ]);
  expect(world.server.requests.length).toBe(8);
});

test("over the door: a goal begins by itself, an interrupt pauses it, another process goes on with it", async () => {
  const slow = says({ deltas: 40, chars: 8 }, { delivery: { stall: { afterDeltas: 2, ms: 60_000 } } });
  await using world = await execWorld({
    steps: [works(), says("one"), slow, works(), replies(COMPLETE), says("done")],
    script: { afterwards: says("ok") },
  });
  let threadId = "";
  {
    await using server = startAppServer(world);
    const { client } = server;
    await client.initialize();
    const { thread } = await client.request("thread/start", { cwd: world.repository.path });
    threadId = thread.id;
    const none = await client.call("thread/goal/set", { threadId, status: "active" });
    expect(none.error?.data?.code).toBe("usage_invalid");
    const { goal } = await client.request("thread/goal/set", { threadId, objective: "Everything" });
    expect(goal).toEqual({
      threadId,
      objective: "Everything",
      status: "active",
      tokenBudget: null,
      tokensUsed: 0,
      timeUsedSeconds: 0,
      createdAt: expect.any(Number),
      updatedAt: expect.any(Number),
    });
    const first = await client.notified("turn/started");
    await world.server.arrived(3);
    const second = await client.wait(
      (frame) => frame.method === "turn/started" && frame.params.turn.id !== first.params.turn.id,
    );
    const from = client.frames.length;
    await client.request("turn/interrupt", { threadId, turnId: second.params.turn.id });
    const paused = await client.wait(
      (frame) => frame.method === "thread/goal/updated" && frame.params.goal.status === "paused",
      from,
    );
    expect(paused.params.goal.reason).toBe("the turn was interrupted");
    await client.notified("turn/completed", from);
  }
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  await client.request("thread/resume", { threadId });
  expect(await client.request("thread/goal/get", { threadId })).toMatchObject({ goal: { status: "paused" } });
  const from = client.frames.length;
  await client.request("thread/goal/set", { threadId, status: "active" });
  await client.wait(
    (frame) => frame.method === "thread/goal/updated" && frame.params.goal.status === "complete",
    from,
  );
  await client.notified("turn/completed", from);
  const cleared = client.frames.length;
  expect(await client.request("thread/goal/clear", { threadId })).toEqual({ cleared: true });
  await client.notified("thread/goal/cleared", cleared);
  expect(await client.request("thread/goal/clear", { threadId })).toEqual({ cleared: false });
  await client.turn(threadId, "hello");
  const last = world.server.requests.at(-1);
  expect(last?.inputTexts.filter((text) => text.startsWith("<goal>")).at(-1)).toContain(
    "There are none any more",
  );
});
