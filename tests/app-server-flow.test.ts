import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, delivered, patches, type Step, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { type AppServerProcess, startAppServer } from "./support/app-server.ts";
import { type ExecWorld, execWorld, type WorldOptions } from "./support/exec-world.ts";

const JUSTIFICATION = "needs to write next to the repository";

/** A call that writes beside the repository, outside of the sandbox. The file is named after the repository. */
function escalates(command: string): Step {
  return ({ inputTexts }) => {
    const cwd = /<cwd>(.*)<\/cwd>/.exec(inputTexts.join("\n"))?.[1] ?? "";
    return callsTool("exec_command", {
      cmd: command.replace("FILE", `${cwd}-escaped`),
      sandbox_permissions: "require_escalated",
      justification: JUSTIFICATION,
    });
  };
}

async function open(options: WorldOptions = {}, threadParams: object = {}) {
  const world = await execWorld({ script: { afterwards: says("Done.") }, ...options });
  const server = startAppServer(world);
  await server.client.initialize({ experimentalApi: false, quireItems: true });
  const { thread } = await server.client.request("thread/start", {
    cwd: world.repository.path,
    ...threadParams,
  });
  return {
    world,
    server,
    client: server.client,
    threadId: String(thread.id),
    async [Symbol.asyncDispose]() {
      await rm(`${world.repository.path}-escaped`, { force: true });
      await closeAll(server, world);
    },
  };
}

async function closeAll(server: AppServerProcess, world: ExecWorld): Promise<void> {
  await server[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
}

test("the first words: what the server is, and nothing before them", async () => {
  await using world = await execWorld({});
  await using server = startAppServer(world);
  const early = await server.client.call("thread/list", {});
  expect(early.error).toEqual({
    code: -32600,
    message: "Not initialized",
    data: { code: "not_initialized" },
  });
  expect(await server.client.initialize()).toEqual({
    userAgent: expect.stringMatching(/^quire\/\d+\.\d+\.\d+ \(linux\) test\/1$/),
    codexHome: world.quireHome,
    platformFamily: "unix",
    platformOs: "linux",
  });
  const again = await server.client.call("initialize", { clientInfo: { name: "x", version: "1" } });
  expect(again.error?.message).toBe("Already initialized");
  const unknown = await server.client.call("thread/nonsense", {});
  expect(unknown.error).toMatchObject({ code: -32601, data: { code: "method_unknown" } });
  const wrong = await server.client.call("thread/start", { cwd: 5 });
  expect(wrong.error).toMatchObject({ code: -32602, message: expect.stringContaining("cwd") });
  server.child.stdin.end();
  expect(await server.exited).toBe(0);
});

test("a turn: the notifications in their order, with the shapes that clients know", async () => {
  await using run = await open({
    steps: [callsTool("exec_command", { cmd: "cat a.txt | head -1" }), says("It says one.")],
  });
  const { client, threadId, world } = run;
  const started = await client.notified("thread/started");
  expect(started.params.thread).toMatchObject({
    id: threadId,
    status: { type: "idle" },
    cwd: world.repository.path,
    turns: [],
  });
  const { frames, turn } = await client.turn(threadId, "what does it say?");
  const shown = frames.flatMap((frame) => (frame.method === undefined ? "result" : frame.method));
  expect(
    shown.filter((method) => !method.endsWith("/delta") && method !== "item/commandExecution/outputDelta"),
  ).toEqual([
    "result",
    "thread/status/changed",
    "turn/started",
    "item/started",
    "item/completed",
    "thread/tokenUsage/updated",
    "item/started",
    "item/completed",
    "item/started",
    "thread/tokenUsage/updated",
    "item/completed",
    "thread/status/changed",
    "turn/completed",
  ]);
  const items = frames.flatMap((frame) => (frame.method === "item/completed" ? [frame.params.item] : []));
  expect(items).toEqual([
    expect.objectContaining({
      type: "userMessage",
      clientId: null,
      content: [{ type: "text", text: "what does it say?", text_elements: [] }],
    }),
    expect.objectContaining({
      type: "commandExecution",
      command: "/bin/bash -c 'cat a.txt | head -1'",
      cwd: world.repository.path,
      status: "completed",
      exitCode: 0,
      aggregatedOutput: "one\n",
      commandActions: [
        { type: "read", command: "cat a.txt", name: "a.txt", path: join(world.repository.path, "a.txt") },
        { type: "unknown", command: "head -1" },
      ],
    }),
    expect.objectContaining({ type: "agentMessage", text: "It says one." }),
  ]);
  expect(turn).toMatchObject({
    status: "completed",
    error: null,
    itemsView: "summary",
    finalText: "It says one.",
  });
  const usage = frames.findLast((frame) => frame.method === "thread/tokenUsage/updated")?.params.tokenUsage;
  expect(usage.total.totalTokens).toBe(usage.total.inputTokens + usage.total.outputTokens);
});

test.each([
  ["accept", "accept", "completed", true],
  ["decline", "decline", "declined", false],
  ["cancel", "cancel", "declined", false],
] as const)("an escalation that is answered with %s", async (_name, decision, status, runs) => {
  await using run = await open(
    { steps: [escalates("echo out > FILE"), says("Done.")] },
    { approvalPolicy: "on-request", sandbox: "workspace-write" },
  );
  const { client, threadId, world } = run;
  client.answers.set("item/commandExecution/requestApproval", () => ({ decision }));
  const { frames, turn } = await client.turn(threadId, "do it");
  const asked = frames.find((frame) => frame.method === "item/commandExecution/requestApproval");
  expect(asked?.params).toMatchObject({
    kind: "command",
    threadId,
    turnId: turn.id,
    reason: JUSTIFICATION,
    cwd: world.repository.path,
    command: expect.stringContaining("-escaped"),
    availableDecisions: expect.arrayContaining(["accept", "acceptForSession", "decline", "cancel"]),
  });
  const order = frames.flatMap((frame) => frame.method ?? []);
  const askedAt = order.indexOf("item/commandExecution/requestApproval");
  expect(order.slice(askedAt - 2, askedAt + 3)).toEqual([
    "item/started",
    "thread/status/changed",
    "item/commandExecution/requestApproval",
    "serverRequest/resolved",
    "thread/status/changed",
  ]);
  const item = frames.find(
    (frame) => frame.method === "item/completed" && frame.params.item.type === "commandExecution",
  )?.params.item;
  expect(item.status).toBe(status);
  expect(turn.status).toBe(decision === "cancel" ? "interrupted" : "completed");
  const written = await readFile(`${world.repository.path}-escaped`, "utf8").catch(() => null);
  expect(written !== null).toBe(runs);
});

test("accepted for the session: the same command is not asked about again; another one is", async () => {
  await using run = await open(
    {
      steps: [escalates("echo out > FILE"), escalates("echo out > FILE"), escalates("echo other > FILE")],
    },
    { approvalPolicy: "on-request" },
  );
  run.client.answers.set("item/commandExecution/requestApproval", () => ({ decision: "acceptForSession" }));
  const { frames } = await run.client.turn(run.threadId, "do it");
  const asked = frames.filter((frame) => frame.method === "item/commandExecution/requestApproval");
  expect(asked.map((frame) => frame.params.command)).toEqual([
    expect.stringContaining("echo out"),
    expect.stringContaining("echo other"),
  ]);
});

test("accepted always: the tokens that were shown are saved, and hold for a new thread", async () => {
  const touch = escalates("touch FILE");
  await using run = await open(
    { steps: [touch, says("a"), touch, says("b")] },
    { approvalPolicy: "on-request" },
  );
  const { client, world } = run;
  client.answers.set("item/commandExecution/requestApproval", ({ proposedExecpolicyAmendment: tokens }) => ({
    decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: tokens } },
  }));
  const first = await client.turn(run.threadId, "do it");
  const saved = first.frames.find((frame) => frame.params?.item?.type === "approval")?.params.item;
  expect(saved).toMatchObject({
    decision: "acceptAndRemember",
    savedPrefix: expect.arrayContaining(["touch"]),
  });
  const { thread } = await client.request("thread/start", {
    cwd: world.repository.path,
    approvalPolicy: "on-request",
  });
  const second = await client.turn(thread.id, "again");
  expect(second.frames.flatMap((frame) => frame.method ?? [])).not.toContain(
    "item/commandExecution/requestApproval",
  );
});

test("a patch: its diff, and the diff of the turn", async () => {
  const patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch";
  await using run = await open({ steps: [patches(patch), says("Done.")] });
  const { frames } = await run.client.turn(run.threadId, "change it");
  const change = frames.find(
    (frame) => frame.method === "item/completed" && frame.params.item.type === "fileChange",
  )?.params.item;
  expect(change).toMatchObject({
    status: "completed",
    changes: [
      {
        path: join(run.world.repository.path, "a.txt"),
        kind: { type: "update", move_path: null },
        diff: expect.stringContaining("-one\n+two"),
      },
    ],
  });
  const diff = frames.findLast((frame) => frame.method === "turn/diff/updated")?.params.diff;
  expect(diff).toContain("+two");
});

test("interrupt: the command ends, the turn says so, and the thread goes on", async () => {
  await using run = await open({ steps: [callsTool("exec_command", { cmd: "sleep 30" })] });
  const { client, threadId } = run;
  const from = client.frames.length;
  const { turn } = await client.request("turn/start", { threadId, input: [{ type: "text", text: "wait" }] });
  await client.wait(
    (frame) => frame.method === "item/started" && frame.params.item.type === "commandExecution",
    from,
  );
  const busy = await client.call("turn/start", { threadId, input: [{ type: "text", text: "more" }] });
  expect(busy.error?.data?.code).toBe("thread_busy");
  const wrong = await client.call("turn/interrupt", { threadId, turnId: "another" });
  expect(wrong.error).toMatchObject({ code: -32600, data: { code: "usage_invalid" } });
  expect(await client.request("turn/interrupt", { threadId, turnId: turn.id })).toEqual({});
  const end = await client.notified("turn/completed", from);
  expect(end.params.turn).toMatchObject({ id: turn.id, status: "interrupted" });
  expect((await client.turn(threadId, "go on")).turn.status).toBe("completed");
});

test("steer: the message joins before the next request of the same turn", async () => {
  await using run = await open({
    steps: [callsTool("exec_command", { cmd: "sleep 1" }), says("Both done.")],
  });
  const { client, threadId, world } = run;
  const from = client.frames.length;
  const { turn } = await client.request("turn/start", { threadId, input: [{ type: "text", text: "first" }] });
  await client.wait(
    (frame) => frame.method === "item/started" && frame.params.item.type === "commandExecution",
    from,
  );
  const stale = await client.call("turn/steer", {
    threadId,
    expectedTurnId: "x",
    input: [{ type: "text", text: "no" }],
  });
  expect(stale.error?.data?.code).toBe("usage_invalid");
  const steered = await client.request("turn/steer", {
    threadId,
    expectedTurnId: turn.id,
    input: [{ type: "text", text: "and second" }],
  });
  expect(steered).toEqual({ turnId: turn.id });
  await client.notified("turn/completed", from);
  expect(world.server.requests[1]?.inputTexts.at(-1)).toBe("and second");
});

test("settings of a turn hold from then on: model, effort, sandbox, output schema for one turn only", async () => {
  await using run = await open({ steps: [] });
  const { client, threadId, world } = run;
  const schema = { type: "object", properties: {}, additionalProperties: false };
  await client.turn(threadId, "one", {
    model: "other-model",
    effort: "high",
    sandboxPolicy: { type: "readOnly", networkAccess: false },
    outputSchema: schema,
  });
  await client.turn(threadId, "two");
  const [first, second] = world.server.requests.map((request) => request.body as Record<string, unknown>);
  expect(first).toMatchObject({ model: "other-model", reasoning: { effort: "high" } });
  expect(first?.text).toMatchObject({ format: { type: "json_schema", schema } });
  expect(second).toMatchObject({ model: "other-model", reasoning: { effort: "high" } });
  expect(JSON.stringify(second?.text ?? null)).not.toContain("json_schema");
  expect(world.server.requests[0]?.inputTexts.join("\n")).toContain("Sandbox mode: read-only");
  const other = await client.call("turn/start", {
    threadId,
    input: [{ type: "text", text: "x" }],
    cwd: "/does/not/exist",
  });
  expect(other.error?.data?.code).toBe("directory_unusable");
});

test("a failing endpoint: the error has Codex's words and ours, and the turn fails", async () => {
  await using run = await open({
    script: {
      afterwards: { kind: "refused", status: 401, headers: {}, body: '{"error":{"message":"bad key"}}' },
    },
  });
  const { frames, turn } = await run.client.turn(run.threadId, "x");
  expect(turn).toMatchObject({
    status: "failed",
    error: { codexErrorInfo: "unauthorized", error: { code: "model_unauthorized" } },
  });
  expect(frames.findLast((frame) => frame.method === "error")?.params).toMatchObject({ willRetry: false });
});

test("text streams in deltas, and a client can leave notifications out", async () => {
  await using world = await execWorld({
    steps: [],
    script: { afterwards: delivered(says("a b c d"), { chunkChars: 2 }) },
  });
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize({ optOutNotificationMethods: ["item/agentMessage/delta"] });
  const { thread } = await client.request("thread/start", { cwd: world.repository.path });
  const { frames } = await client.turn(thread.id, "x");
  expect(frames.flatMap((frame) => frame.method ?? [])).not.toContain("item/agentMessage/delta");
});
