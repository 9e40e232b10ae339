import type { Approval } from "@quire/sdk";
import { callsTool, callsTools, type RecordedRequest, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { cast, lastOutput, speakerOf } from "./support/agent-cast.ts";
import { type RawClient, startAppServer, type WireFrame } from "./support/app-server.ts";
import { completedItems, type ExecWorld, execWorld } from "./support/exec-world.ts";
import { sdkWorld } from "./support/sdk-world.ts";

const ON = "[agents]\nenabled = true\n";
const FOREVER = callsTool("exec_command", { cmd: "sleep 300", yield_time_ms: 30_000 });

const spawn = (name: string, more: object = {}) =>
  callsTool("spawn_agent", { task_name: name, message: `Task of ${name}.`, ...more });

/** Waits until the model was asked by an agent for the so-many-th time. */
async function asked(world: ExecWorld, path: string, times = 1): Promise<RecordedRequest> {
  for (let count = 0; ; ) {
    const found = world.server.requests.filter((request) => speakerOf(request) === path);
    const request = found[times - 1];
    if (request !== undefined) return request;
    count = world.server.requests.length;
    await world.server.arrived(count + 1);
  }
}

async function startThread(client: RawClient, params: object = {}): Promise<string> {
  await client.initialize();
  const { thread } = await client.request("thread/start", params);
  return thread.id;
}

/** The commands that agents run now, by their notifications. */
const commandStarted = (frame: WireFrame) =>
  frame.method === "item/started" && frame.params.item.type === "commandExecution";

test("more agents than places wait in the order they came, and what is said meanwhile is not lost", async () => {
  const seen: unknown[] = [];
  const script = cast({
    "/root": [
      callsTools(
        ["a", "b", "c"].map((name) => ["spawn_agent", { task_name: name, message: `Task of ${name}.` }]),
      ),
      callsTool("send_message", { target: "c", message: "One thing more." }),
      callsTool("list_agents", {}),
      (request) => {
        seen.push(lastOutput(request));
        return callsTool("exec_command", { cmd: "touch go" });
      },
      ...[1, 2, 3, 4].map(() => says("waiting")),
    ],
    "/root/a": [callsTool("exec_command", { cmd: "until test -e go; do sleep 0.05; done" }), says("A.")],
    "/root/b": [says("B.")],
    "/root/c": [says("C.")],
  });
  await using world = await execWorld({
    config: `${ON}max_concurrent_threads_per_session = 1\n`,
    script: { afterwards: script },
  });
  const { run } = await world.execJson(["Go."]);
  expect(run.exitCode).toBe(0);
  const agents = world.server.requests.map(speakerOf).filter((speaker) => speaker !== "/root");
  expect(agents).toEqual(["/root/a", "/root/a", "/root/b", "/root/c"]);
  expect(seen).toMatchObject([
    {
      agents: [{ agent: "/root/a" }, { agent: "/root/b", status: "pendingInit" }, { status: "pendingInit" }],
    },
  ]);
  const last = await asked(world, "/root/c");
  expect(last.inputTexts.slice(-2)).toEqual([
    "Task of c.",
    '<agent_messages>\n{"messages":[{"from":"/root","message":"One thing more."}]}\n</agent_messages>',
  ]);
});

test("where max_depth allows it agents have agents, and one place is enough for all of them", async () => {
  const script = cast({
    "/root": [spawn("a"), says("waiting"), (request) => says(request.inputTexts.at(-1) ?? "")],
    "/root/a": [spawn("b"), callsTool("wait_agent", {}), (request) => says(request.toolOutputs.at(-1) ?? "")],
    "/root/a/b": [says("From the bottom.")],
  });
  await using world = await execWorld({
    config: `${ON}max_depth = 2\nmax_threads = 1\n`,
    script: { afterwards: script },
  });
  const { events } = await world.execJson(["Go."]);
  expect(completedItems(events).at(-1)).toMatchObject({ text: expect.stringContaining("From the bottom.") });
  const used = completedItems(events).flatMap((item) =>
    item.type === "subagent_activity" && item.kind === "completed" ? [item.state?.usage?.input_tokens] : [],
  );
  // The bill of an agent is with that of its own agents, and so is the thread's.
  expect(used).toEqual([400]);
  expect(events.at(-1)).toMatchObject({ type: "turn.completed", usage: { input_tokens: 700 } });
  const tools = world.server.requests.filter((request) => speakerOf(request) === "/root/a/b")[0]?.tools;
  expect(tools?.map(({ name }) => name)).not.toContain("spawn_agent");
});

test("an agent can be spoken to, interrupted and given another task, with what it knows from before", async () => {
  const heard: unknown[] = [];
  const hear = (answer: ReturnType<typeof says>) => (request: RecordedRequest) => {
    heard.push(lastOutput(request));
    return answer;
  };
  const script = cast({
    "/root": [
      spawn("one"),
      callsTool("exec_command", { cmd: "until test -e begun; do sleep 0.05; done" }),
      callsTool("send_message", { target: "one", message: "Hurry up." }),
      hear(callsTool("interrupt_agent", { target: "one" })),
      hear(callsTool("followup_task", { target: "/root/one", message: "Then this." })),
      hear(callsTool("wait_agent", {})),
      hear(callsTool("send_message", { target: "nobody", message: "Hello?" })),
      says("done"),
    ],
    "/root/one": [
      callsTool("exec_command", { cmd: "touch begun; sleep 300", yield_time_ms: 30_000 }),
      (request) => says(`I know ${request.inputTexts.filter((text) => /Task of|Then/.test(text)).join(" ")}`),
    ],
  });
  await using world = await execWorld({ config: ON, script: { afterwards: script } });
  const { run, events } = await world.execJson(["Go."]);
  expect(run.exitCode).toBe(0);
  expect(heard).toMatchObject([
    { agent: "/root/one", status: "running", read: "soon" },
    { agent: "/root/one", was: "running", status: "interrupted" },
    { agent: "/root/one", status: "begins as soon as there is a place" },
    { results: [{ status: "completed", result: expect.stringMatching(/Task of one\. .*Then this\./) }] },
  ]);
  expect(world.server.requests.at(-1)?.toolOutputs.at(-1)).toBe(
    'send_message did nothing: there is no agent "nobody". There are: /root/one.',
  );
  const failed = completedItems(events).filter(
    (item) => item.type === "collab_tool_call" && item.status === "failed",
  );
  expect(failed).toEqual([
    expect.objectContaining({ error: expect.objectContaining({ code: "agent_not_found" }) }),
  ]);
});

test("whoever interrupts a thread interrupts its agents; both logs say so", async () => {
  const script = cast({ "/root": [spawn("one"), callsTool("wait_agent", {})], "/root/one": [FOREVER] });
  await using world = await execWorld({ config: ON, script: { afterwards: script } });
  await using server = startAppServer(world);
  const { client } = server;
  const threadId = await startThread(client);
  const { turn } = await client.request("turn/start", { threadId, input: [{ type: "text", text: "Go." }] });
  const started = await client.wait(commandStarted);
  expect(started.params.threadId).not.toBe(threadId);
  await client.request("turn/interrupt", { threadId, turnId: turn.id });
  const end = await client.wait(
    ({ method, params }) => method === "turn/completed" && params.threadId === threadId,
  );
  expect(end.params.turn).toMatchObject({ status: "interrupted" });
  const agentEnd = client.frames.find(
    ({ method, params }) => method === "turn/completed" && params.threadId === started.params.threadId,
  );
  expect(agentEnd?.params.turn).toMatchObject({ status: "interrupted" });
  const activity = client.frames.findLast(
    ({ method, params }) => method === "item/completed" && params.item.type === "subAgentActivity",
  );
  expect(activity?.params).toMatchObject({ threadId, item: { kind: "interrupted", agentPath: "/root/one" } });
});

test("a client can interrupt one agent alone; the thread goes on with that as its result", async () => {
  const script = cast({
    "/root": [
      spawn("one"),
      callsTool("wait_agent", {}),
      (request) => says(JSON.stringify(lastOutput(request))),
    ],
    "/root/one": [FOREVER],
  });
  await using world = await execWorld({ config: ON, script: { afterwards: script } });
  await using server = startAppServer(world);
  const { client } = server;
  const threadId = await startThread(client);
  await client.request("turn/start", { threadId, input: [{ type: "text", text: "Go." }] });
  const { params } = await client.wait(commandStarted);
  await client.request("turn/interrupt", { threadId: params.threadId, turnId: params.turnId });
  const end = await client.wait(
    (frame) => frame.method === "turn/completed" && frame.params.threadId === threadId,
  );
  expect(JSON.parse(end.params.turn.finalText)).toMatchObject({
    results: [{ agent: "/root/one", status: "interrupted" }],
  });
  const changed = await client.call("thread/settings/update", { threadId: params.threadId, model: "other" });
  expect(changed.error).toBeDefined();
});

test("an agent's question comes through the parent's door with its name, and the answer counts for that agent", async () => {
  const command = "touch ../outside-of-the-workspace; echo out";
  const escalate = { cmd: command, sandbox_permissions: "require_escalated", justification: "Needs it." };
  const script = cast({
    "/root": [spawn("one"), says("ok"), says("done")],
    "/root/one": [callsTool("exec_command", escalate), (request) => says(request.toolOutputs.at(-1) ?? "")],
  });
  await using world = await execWorld({ config: ON, script: { afterwards: script } });
  await using server = startAppServer(world);
  const { client } = server;
  const threadId = await startThread(client, { approvalPolicy: "on-request", sandbox: "workspace-write" });
  client.answers.set("item/commandExecution/requestApproval", () => ({ decision: "decline" }));
  const { frames, turn } = await client.turn(threadId, "Go.");
  expect(turn.status).toBe("completed");
  const question = frames.find(({ method }) => method === "item/commandExecution/requestApproval");
  expect(question?.params).toMatchObject({
    agent: { path: "/root/one", role: "default", parentThreadId: threadId, sessionId: threadId },
    reason: expect.stringMatching(/^\/root\/one asks: /),
  });
  expect(question?.params.threadId).not.toBe(threadId);
  const result = frames.findLast(
    ({ method, params }) => method === "item/completed" && params.item.type === "subAgentActivity",
  );
  expect(result?.params.item.state.message).toContain("The user declined this.");
});

test("a program that uses the SDK is asked for its agents as well, and told who asks", async () => {
  const command = { cmd: "touch ../x", sandbox_permissions: "require_escalated", justification: "Needs it." };
  const script = cast({
    "/root": [spawn("one"), says("ok"), says("done")],
    "/root/one": [callsTool("exec_command", command), says("One.")],
  });
  await using sdk = await sdkWorld({ config: ON, script: { afterwards: script } });
  const asked: Approval[] = [];
  const thread = sdk.quire.startThread({
    workingDirectory: sdk.world.repository.path,
    approvalPolicy: "on-request",
    onApproval: (question) => {
      asked.push(question);
      return "decline";
    },
  });
  const turn = await thread.run("Go.");
  expect(turn.finalResponse).toBe("done");
  expect(asked.map(({ agent }) => agent)).toEqual([{ path: "/root/one", role: "default" }]);
});

test("after a crash the thread says which agents nobody knows the end of, and can take them up again", async () => {
  const script = cast({
    "/root": [
      spawn("one"),
      callsTool("wait_agent", {}),
      callsTool("wait_agent", {}),
      (request) => {
        expect(lastOutput(request)).toMatchObject({
          results: [{ agent: "/root/one", status: "errored", error: "outcome_unknown" }],
        });
        return callsTool("followup_task", { target: "one", message: "Go on." });
      },
      says("waiting"),
      (request) => says(request.inputTexts.at(-1) ?? ""),
    ],
    "/root/one": [FOREVER, says("Went on.")],
  });
  await using world = await execWorld({ config: ON, script: { afterwards: script } });
  const killed = new AbortController();
  const run = world.exec(["--json", "Go."], {
    signal: killed.signal,
    onStdout: () => undefined,
  });
  await asked(world, "/root/one");
  await asked(world, "/root", 2);
  killed.abort();
  const { stdout } = await run;
  const threadId = JSON.parse(stdout.split("\n")[0] ?? "").thread_id;
  const again = await world.execJson(["resume", threadId, "What now?"]);
  expect(again.run.exitCode).toBe(0);
  const items = completedItems(again.events);
  expect(items).toContainEqual(
    expect.objectContaining({ code: "outcome_unknown", message: expect.stringContaining("/root/one") }),
  );
  expect(items.at(-1)).toMatchObject({ text: expect.stringContaining('"result":"Went on."') });
  // It went on in the same thread: the model saw what had been asked of it before.
  const later = await asked(world, "/root/one", 2);
  expect(later.inputTexts).toEqual(expect.arrayContaining(["Task of one.", "Go on."]));
});

test("the limits of a thread hold for all that is done for it", async () => {
  const usage = { input: 900, output: 100 };
  const script = cast({
    "/root": [
      {
        ...callsTools(["a", "b"].map((name) => ["spawn_agent", { task_name: name, message: "Go." }])),
        usage,
      },
      { ...says("waiting"), usage },
      { ...says("waiting"), usage },
      { ...says("waiting"), usage },
    ],
    "/root/a": Array.from({ length: 9 }, () => ({ ...callsTool("exec_command", { cmd: "true" }), usage })),
    "/root/b": Array.from({ length: 9 }, () => ({ ...callsTool("exec_command", { cmd: "true" }), usage })),
  });
  await using world = await execWorld({
    config: `${ON}[budget.thread]\nmax_tokens = 12000\n`,
    script: { afterwards: script },
  });
  const { run, events } = await world.execJson(["Go."]);
  expect(run.exitCode).not.toBe(0);
  const end = events.at(-1);
  expect(end).toMatchObject({
    type: "turn.failed",
    error: { code: "budget_exceeded", budget: { scope: "thread" } },
  });
  // Whoever meets the limit first says so; what is left is ended with the turn.
  const codes = completedItems(events).flatMap((item) =>
    item.type === "subagent_activity" && item.kind !== "started" ? [item.state?.error?.code] : [],
  );
  expect(codes).toHaveLength(2);
  const used = end?.type === "turn.failed" ? end.usage : undefined;
  expect((used?.input_tokens ?? 0) + (used?.output_tokens ?? 0)).toBe(world.server.requests.length * 1000);
  expect(world.server.requests.length).toBeLessThanOrEqual(12);
});

test("an agent's thread can be resumed by itself", async () => {
  const script = cast({
    "/root": [spawn("one"), says("ok"), says("done")],
    "/root/one": [says("One."), says("Still here.")],
  });
  await using world = await execWorld({ config: ON, script: { afterwards: script } });
  const { events } = await world.execJson(["Go."]);
  const activity = completedItems(events).find((item) => item.type === "subagent_activity");
  const id = activity?.type === "subagent_activity" ? activity.thread_id : "";
  const again = await world.exec(["resume", id, "Are you there?"]);
  expect(again.stdout).toBe("Still here.\n");
});
