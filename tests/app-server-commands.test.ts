import { existsSync } from "node:fs";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, patches, type Step, says, temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { type RawClient, startAppServer } from "./support/app-server.ts";
import { execWorld, type WorldOptions } from "./support/exec-world.ts";

const PATCH = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch";
const AGAIN = "*** Begin Patch\n*** Update File: a.txt\n@@\n-two\n+three\n*** End Patch";
const OTHER = "*** Begin Patch\n*** Add File: b.txt\n+new\n*** End Patch";

async function open(options: WorldOptions = {}, threadParams: object = {}) {
  const world = await execWorld({ script: { afterwards: says("Done.") }, ...options });
  const server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  const { thread } = await client.request("thread/start", { cwd: world.repository.path, ...threadParams });
  return {
    world,
    client,
    threadId: String(thread.id),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

async function untrusted(steps: readonly Step[], decisions: readonly string[]) {
  const run = await open({ steps }, { approvalPolicy: "untrusted" });
  const asked: unknown[] = [];
  run.client.answers.set("item/fileChange/requestApproval", (params) => {
    asked.push(params);
    return { decision: decisions[asked.length - 1] ?? "cancel" };
  });
  return { ...run, asked };
}

test("under `untrusted` a change of files is asked about, with the item shown before the question", async () => {
  await using run = await untrusted([patches(PATCH)], ["accept"]);
  const { frames } = await run.client.turn(run.threadId, "change it");
  const file = join(run.world.repository.path, "a.txt");
  const item = frames.find((frame) => frame.params?.item?.type === "fileChange")?.params.item;
  expect(run.asked).toEqual([
    {
      threadId: run.threadId,
      turnId: expect.any(String),
      itemId: item.id,
      startedAtMs: expect.any(Number),
      reason: `The approval policy is untrusted and this changes ${file}.`,
      grantRoot: null,
      paths: [file],
    },
  ]);
  const order = frames.flatMap((frame) =>
    frame.params?.item?.type === "fileChange" || frame.method?.startsWith("item/fileChange/requestApproval")
      ? [frame.method]
      : [],
  );
  expect(order).toEqual(["item/started", "item/fileChange/requestApproval", "item/completed"]);
  expect(await readFile(file, "utf8")).toBe("two\n");
});

test("a change that is declined does not happen, and the model is told", async () => {
  await using run = await untrusted([patches(PATCH)], ["decline"]);
  const { frames } = await run.client.turn(run.threadId, "change it");
  const changed = frames.find(
    (frame) => frame.method === "item/completed" && frame.params.item.type === "fileChange",
  );
  expect(changed?.params.item).toMatchObject({ status: "declined", error: { code: "command_declined" } });
  expect(await readFile(join(run.world.repository.path, "a.txt"), "utf8")).toBe("one\n");
  expect(run.world.server.requests[1]?.toolOutputs).toEqual([expect.stringContaining("declined this")]);
});

test("accepted for the session, the same file is not asked about again; another one is", async () => {
  await using run = await untrusted(
    [patches(PATCH), patches(AGAIN), patches(OTHER)],
    ["acceptForSession", "accept"],
  );
  const { frames } = await run.client.turn(run.threadId, "change it");
  const file = (name: string) => join(run.world.repository.path, name);
  expect(run.asked).toMatchObject([{ paths: [file("a.txt")] }, { paths: [file("b.txt")] }]);
  expect(await readFile(join(run.world.repository.path, "a.txt"), "utf8")).toBe("three\n");
  const diff = frames.findLast((frame) => frame.method === "turn/diff/updated")?.params.diff;
  expect(diff).toBe(
    "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+three\n" +
      "diff --git a/b.txt b/b.txt\nnew file mode 100644\n--- /dev/null\n+++ b/b.txt\n@@ -0,0 +1 @@\n+new\n",
  );
});

test("under `on-request` changes inside the workspace are not asked about", async () => {
  await using run = await open({ steps: [patches(PATCH)] }, { approvalPolicy: "on-request" });
  const { frames } = await run.client.turn(run.threadId, "change it");
  expect(frames.some((frame) => frame.method === "item/fileChange/requestApproval")).toBe(false);
  expect(await readFile(join(run.world.repository.path, "a.txt"), "utf8")).toBe("two\n");
});

const GRANULAR = { rules: false, skill_approval: false, request_permissions: false, mcp_elicitations: false };

test.each([
  ["on-request", "accept", true],
  [{ granular: { ...GRANULAR, sandbox_approval: true } }, "accept", true],
  [{ granular: { ...GRANULAR, sandbox_approval: true } }, "decline", false],
  [{ granular: { ...GRANULAR, sandbox_approval: false } }, null, false],
  ["never", null, false],
] as const)(
  "a change outside of the writable folders under %j: answered with %j",
  async (policy, decision, written) => {
    await using outside = await temporaryDirectory("quire-outside-");
    const file = join(outside.path, "b.txt");
    const patch = `*** Begin Patch\n*** Add File: ${file}\n+new\n*** End Patch`;
    await using run = await open({ steps: [patches(PATCH), patches(patch)] }, { approvalPolicy: policy });
    const asked: unknown[] = [];
    run.client.answers.set("item/fileChange/requestApproval", ({ paths, reason }) => {
      asked.push({ paths, reason });
      return { decision };
    });
    const { frames } = await run.client.turn(run.threadId, "change them");
    const reason = `This changes ${file}, outside of the folders that may be written.`;
    expect(asked).toEqual(decision === null ? [] : [{ paths: [file], reason }]);
    const shown = frames.find(
      ({ method, params }) => method === "item/started" && params.item.changes?.[0]?.path === file,
    );
    expect(shown?.params.item.changes[0].added).toBe(1);
    expect(await readFile(join(run.world.repository.path, "a.txt"), "utf8")).toBe("two\n");
    expect(existsSync(file)).toBe(written);
  },
);

test("the user's own command runs outside the sandbox and is told to the model with the next turn", async () => {
  await using run = await open();
  const { client, threadId, world } = run;
  const outside = `${world.repository.path}-outside`;
  expect(
    await client.request("thread/shellCommand", { threadId, command: `echo hi; echo x >${outside}; exit 3` }),
  ).toEqual({});
  const { params } = await client.notified("turn/completed");
  expect(params.turn).toMatchObject({ status: "completed", error: null });
  const item = client.frames.findLast((frame) => frame.method === "item/completed")?.params.item;
  expect(item).toMatchObject({
    type: "commandExecution",
    source: "userShell",
    shellCommand: `echo hi; echo x >${outside}; exit 3`,
    status: "failed",
    exitCode: 3,
    aggregatedOutput: "hi\n",
  });
  expect((await stat(outside)).isFile()).toBe(true);
  await rm(outside);
  expect(world.server.requests).toHaveLength(0);
  await client.turn(threadId, "what happened?");
  expect(world.server.requests[0]?.inputTexts).toContainEqual(
    expect.stringMatching(/^<user_shell_command>\n\$ echo hi; .*\nExit code: 3\nOutput:\nhi\n/),
  );
});

test("a user's command ends with an interrupt and with its time", async () => {
  await using run = await open();
  const { client, threadId } = run;
  await client.request("thread/shellCommand", { threadId, command: "sleep 60" });
  const { params } = await client.notified("turn/started");
  await client.request("turn/interrupt", { threadId, turnId: params.turn.id });
  await client.notified("turn/completed");
  const from = client.frames.length;
  await client.request("thread/shellCommand", { threadId, command: "sleep 60", timeoutMs: 200 });
  await client.notified("turn/completed", from);
  const item = client.frames.findLast((frame) => frame.method === "item/completed")?.params.item;
  expect(item).toMatchObject({ status: "failed", error: { code: "command_timed_out" } });
});

test("settings are changed for later turns and told to every client", async () => {
  await using run = await open();
  const { client, threadId, world } = run;
  const approvalPolicy = "never";
  await client.request("thread/settings/update", { threadId, approvalPolicy, effort: "high" });
  const { params } = await client.notified("thread/settings/updated");
  expect(params).toEqual({
    threadId,
    threadSettings: {
      disabledPluginIds: [],
      cwd: world.repository.path,
      approvalPolicy,
      approvalsReviewer: "user",
      sandboxPolicy: expect.objectContaining({ type: "workspaceWrite" }),
      activePermissionProfile: null,
      model: "gpt-5.3-codex",
      modelProvider: "scripted",
      serviceTier: null,
      effort: "high",
      summary: "auto",
      collaborationMode: {
        mode: "default",
        settings: { model: "gpt-5.3-codex", reasoning_effort: "high", developer_instructions: null },
      },
      personality: null,
    },
  });
  await client.turn(threadId, "go");
  expect(world.server.requests[0]?.body).toMatchObject({ reasoning: { effort: "high" } });
});

test("items can be put into the history; what is none is refused with its place", async () => {
  await using run = await open();
  const { client, threadId, world } = run;
  const item = { type: "message", role: "user", content: [{ type: "input_text", text: "a memory" }] };
  const wrong = await client.call("thread/inject_items", { threadId, items: [item, { type: 5 }] });
  expect(wrong.error).toMatchObject({
    data: { code: "usage_invalid" },
    message: expect.stringContaining("items.1"),
  });
  expect(await client.request("thread/inject_items", { threadId, items: [item] })).toEqual({});
  await client.turn(threadId, "go");
  expect(world.server.requests[0]?.inputTexts.filter((text) => text === "a memory")).toHaveLength(1);
});

test("a client's own command runs in the sandbox that is asked for", async () => {
  await using run = await open();
  const { client, world } = run;
  const cwd = world.repository.path;
  const ran = await client.request("command/exec", {
    command: ["sh", "-c", "echo $A$B; echo e >&2; echo x >f; exit 4"],
    cwd,
    env: { A: "1", HOME: null },
    sandboxPolicy: { type: "workspaceWrite" },
  });
  expect(ran).toEqual({ exitCode: 4, stdout: "1\n", stderr: "e\n" });
  expect(await readFile(join(cwd, "f"), "utf8")).toBe("x\n");
  const readOnly = await client.request("command/exec", {
    command: ["sh", "-c", "echo x >g"],
    cwd,
    sandboxPolicy: { type: "readOnly" },
  });
  expect(readOnly).toMatchObject({ exitCode: expect.any(Number), stdout: "" });
  await expect(stat(join(cwd, "g"))).rejects.toThrow();
  const late = await client.request("command/exec", { command: ["sleep", "60"], cwd, timeoutMs: 300 });
  const cut = await client.request("command/exec", { command: ["seq", "100000"], cwd, outputBytesCap: 4 });
  expect(cut.stdout).toBe("1\n2\n");
  expect(late.exitCode).toBe(124);
});

/** What a command has shown so far, by stream. */
function shown({ frames }: RawClient, processId: string) {
  const texts = { stdout: "", stderr: "" };
  let capReached = false;
  for (const { method, params } of frames) {
    if (method !== "command/exec/outputDelta" || params.processId !== processId) continue;
    texts[params.stream as keyof typeof texts] += Buffer.from(params.deltaBase64, "base64").toString();
    capReached ||= params.capReached;
  }
  return { ...texts, capReached };
}

test("a client's command runs on a terminal of the client's size, is typed at, resized and ended", async () => {
  await using run = await open();
  const { client } = run;
  const cwd = run.world.repository.path;
  const script = "stty size; read x; echo got:$x; read y; stty size; exit 7";
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const ran = client.request("command/exec", {
    command: ["sh", "-c", script],
    cwd,
    processId: "t",
    tty: true,
    size: { rows: 10, cols: 40 },
  });
  // The name counts at once, before the command has been begun.
  expect((await client.call("command/exec", { command: ["true"], cwd, processId: "t" })).error).toMatchObject(
    {
      message: 'duplicate active command/exec process id: "t"',
    },
  );
  await client.wait(() => shown(client, "t").stdout.includes("10 40"));
  await client.request("command/exec/write", { processId: "t", deltaBase64: base64("hello\n") });
  await client.wait(() => shown(client, "t").stdout.includes("got:hello"));
  await client.request("command/exec/resize", { processId: "t", size: { rows: 33, cols: 99 } });
  await client.request("command/exec/write", { processId: "t", deltaBase64: base64("\n") });
  expect(await ran).toEqual({ exitCode: 7, stdout: "", stderr: "" });
  expect(shown(client, "t").stdout).toMatch(/^10 40\r\nhello\r\ngot:hello\r\n\r\n33 99\r\n$/);
  const endless = client.request("command/exec", { command: ["sleep", "600"], cwd, processId: "t" });
  await client.request("command/exec/terminate", { processId: "t" });
  expect((await endless).exitCode).toBeGreaterThan(128);
});

test("input and output of a client's command are streamed; what does not fit together is refused", async () => {
  await using run = await open();
  const { client } = run;
  const cwd = run.world.repository.path;
  const piped = client.request("command/exec", {
    command: ["sh", "-c", "cat; echo done >&2"],
    cwd,
    processId: "p",
    streamStdin: true,
  });
  const deltaBase64 = Buffer.from("in\n").toString("base64");
  await client.request("command/exec/write", { processId: "p", deltaBase64 });
  await client.request("command/exec/write", { processId: "p", closeStdin: true });
  expect(await piped).toEqual({ exitCode: 0, stdout: "in\n", stderr: "done\n" });
  const streamed = { command: ["sh", "-c", "echo 123456; echo e >&2"], cwd, processId: "s" };
  expect(
    await client.request("command/exec", { ...streamed, streamStdoutStderr: true, outputBytesCap: 4 }),
  ).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  expect(shown(client, "s")).toEqual({ stdout: "1234", stderr: "e\n", capReached: true });
  const refusal = async (method: string, params: object) =>
    (await client.call(`command/exec${method}`, params)).error?.message;
  const command = ["true"];
  expect([
    await refusal("", { command, tty: true }),
    await refusal("", { command, size: { rows: 1, cols: 1 } }),
    await refusal("", { command, tty: true, processId: "x", size: { rows: 0, cols: 1 } }),
    await refusal("", { command, outputBytesCap: 1, disableOutputCap: true }),
    await refusal("", { command, timeoutMs: 1, disableTimeout: true }),
    await refusal("/write", { processId: "x", deltaBase64 }),
    await refusal("/write", { processId: "x" }),
    await refusal("/write", { processId: "x", deltaBase64: "@@@" }),
  ]).toEqual([
    "command/exec tty or streaming requires a client-supplied processId",
    "command/exec size requires tty: true",
    "command/exec size rows and cols must be greater than 0",
    "command/exec cannot set both outputBytesCap and disableOutputCap",
    "command/exec cannot set both timeoutMs and disableTimeout",
    'no active command/exec for process id "x"',
    "command/exec/write requires deltaBase64 or closeStdin",
    expect.stringContaining("invalid deltaBase64"),
  ]);
});

test("a client's tool takes the name of no other tool", async () => {
  await using run = await open();
  const tool = (name: string) => ({ name, description: "d", inputSchema: { type: "object" } });
  const refusal = async (...names: string[]) => {
    const answer = await run.client.call("thread/start", { dynamicTools: names.map(tool) });
    return answer.error?.message;
  };
  expect(await refusal("exec_command")).toMatch(/exec_command belongs to a tool that every thread has/);
  expect(await refusal("a", "a")).toBe('two dynamic tools are named "a"');
  expect(await refusal("mcp__x__y")).toMatch(/belongs to a tool of the server's/);
  expect(await refusal("request_user_input")).toMatch(/belongs to a tool of the server's/);
  expect(await refusal("fine")).toBeUndefined();
});

test("the layers of the configuration say what each holds, also where a higher one hides it", async () => {
  await using run = await open({ config: 'approval_policy = "never"' });
  const { client, world } = run;
  const folder = join(world.repository.path, ".codex");
  await client.request("config/value/write", { keyPath: "model", value: "mine", mergeStrategy: "replace" });
  const before = await client.request("config/read", { cwd: world.repository.path, includeLayers: true });
  expect(before.layers).toMatchObject([
    { name: { type: "user" }, config: { model: "mine", approval_policy: "never" }, disabledReason: null },
  ]);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.toml"), 'model = "theirs"\n');
  const after = await client.request("config/read", { cwd: world.repository.path, includeLayers: true });
  expect(after.layers).toMatchObject([
    { name: { type: "user" }, config: { model: "mine" }, disabledReason: null },
    { name: { type: "project" }, config: { model: "theirs" }, disabledReason: expect.any(String) },
  ]);
});

test("a review is a turn: it enters review mode, leaves it with the findings, and the thread knows of them", async () => {
  const finding = {
    title: "[P1] Wrong",
    body: "b",
    confidence_score: 1,
    priority: 1,
    code_location: { absolute_file_path: "a.txt", line_range: { start: 1, end: 1 } },
  };
  const answer = JSON.stringify({
    findings: [finding],
    overall_correctness: "patch is incorrect",
    overall_explanation: "No.",
  });
  await using run = await open({ steps: [says(answer)] });
  const { client, threadId, world } = run;
  await writeFile(join(world.repository.path, "a.txt"), "two\n");
  const started = await client.request("review/start", { threadId, target: { type: "uncommittedChanges" } });
  expect(started).toMatchObject({ reviewThreadId: threadId, turn: { status: "inProgress", items: [] } });
  const { params } = await client.notified("turn/completed");
  expect(params.turn).toMatchObject({
    id: started.turn.id,
    status: "completed",
    usage: { output_tokens: expect.any(Number) },
  });
  const items = client.frames.flatMap((frame) =>
    frame.method === "item/completed" ? [frame.params.item] : [],
  );
  expect(items.map(({ type }) => type)).toEqual(["enteredReviewMode", "exitedReviewMode", "agentMessage"]);
  expect(items[0].review).toBe("the uncommitted changes");
  expect(items[1]).toMatchObject({
    review: expect.stringContaining("[P1] Wrong"),
    result: { findings: [{ title: "[P1] Wrong" }] },
  });
  await client.turn(threadId, "repair it");
  expect(world.server.requests[1]?.inputTexts.join("\n")).toContain("[P1] Wrong");
  const from = client.frames.length;
  const detached = await client.request("review/start", {
    threadId,
    target: { type: "custom", instructions: "spelling" },
    delivery: "detached",
  });
  expect(detached.reviewThreadId).not.toBe(threadId);
  await client.wait(
    (frame) => frame.method === "turn/completed" && frame.params.threadId === detached.reviewThreadId,
    from,
  );
  const wrong = await client.call("review/start", {
    threadId,
    target: { type: "baseBranch", branch: "nowhere" },
  });
  expect(wrong.error).toMatchObject({ data: { code: "usage_invalid" } });
  const threads = async () => (await client.request("thread/list", {})).data.length;
  const before = await threads();
  const target = { type: "baseBranch", branch: "nowhere" };
  const copied = await client.call("review/start", { threadId, delivery: "detached", target });
  expect(copied.error).toMatchObject({ data: { code: "usage_invalid" } });
  expect(await threads()).toBe(before);
  expect(await client.request("thread/read", { threadId })).toMatchObject({
    thread: { status: { type: "idle" } },
  });
});

test("items of types that Codex does not have go to clients that ask for them, live and from the log", async () => {
  await using run = await untrusted([patches(PATCH)], ["accept"]);
  const { client, threadId, world } = run;
  await client.turn(threadId, "change it");
  const types = (frames: typeof client.frames) =>
    new Set(frames.flatMap((frame) => frame.params?.item?.type ?? []));
  expect(types(client.frames)).toEqual(new Set(["userMessage", "fileChange", "agentMessage"]));
  const logged = async (caller: typeof client) => {
    const { thread } = await caller.request("thread/read", { threadId, includeTurns: true });
    const { data } = await caller.request("thread/items/list", { threadId });
    const { data: turns } = await caller.request("thread/turns/list", { threadId, itemsView: "full" });
    const lists = [thread.turns[0].items, data.map(({ item }: { item: object }) => item), turns[0].items];
    return lists.map((items) => items.some(({ type }: { type: string }) => type === "approval"));
  };
  expect(await logged(client)).toEqual([false, false, false]);
  await using other = startAppServer(world);
  await other.client.initialize({ quireItems: true });
  expect(await logged(other.client)).toEqual([true, true, true]);
});

test("a user's command runs beside a turn, as an item of it, and the model knows it with its next request", async () => {
  const waits = callsTool("exec_command", { cmd: "until [ -e go ]; do sleep 0.05; done" });
  await using run = await open({ steps: [waits, says("Seen."), waits] });
  const { client, threadId, world } = run;
  const commands = (method: string, from: number) =>
    client.frames.slice(from).flatMap((frame) => {
      const item = frame.method === method ? frame.params.item : null;
      return item?.type === "commandExecution" ? [{ ...item, turnId: frame.params.turnId }] : [];
    });
  const begun = async (words: string) => {
    const from = client.frames.length;
    const { turn } = await client.request("turn/start", { threadId, input: [{ type: "text", text: words }] });
    await client.wait(() => commands("item/started", from).length > 0);
    return { from, turnId: String(turn.id) };
  };
  const first = await begun("work");
  expect(await client.request("thread/shellCommand", { threadId, command: "echo beside" })).toEqual({});
  await client.wait(() => commands("item/completed", first.from).length > 0);
  await writeFile(join(world.repository.path, "go"), "");
  const end = await client.notified("turn/completed", first.from);
  expect(end.params.turn).toMatchObject({ id: first.turnId, status: "completed" });
  const beside = commands("item/completed", first.from).find(({ source }) => source === "userShell");
  expect(beside).toMatchObject({
    turnId: first.turnId,
    shellCommand: "echo beside",
    status: "completed",
    aggregatedOutput: "beside\n",
  });
  const told = expect.stringMatching(/^<user_shell_command>\n\$ echo beside\nExit code: 0\n/);
  expect(world.server.requests[0]?.inputTexts).not.toContainEqual(told);
  expect(world.server.requests[1]?.inputTexts).toContainEqual(told);
  await rm(join(world.repository.path, "go"));
  const second = await begun("again");
  await client.request("thread/shellCommand", { threadId, command: "sleep 60" });
  await client.request("turn/interrupt", { threadId, turnId: second.turnId });
  await client.notified("turn/completed", second.from);
  await client.wait(() =>
    commands("item/completed", second.from).some(
      ({ source, status }) => source === "userShell" && status === "failed",
    ),
  );
  await client.turn(threadId, "what happened?");
  expect(world.server.requests.at(-1)?.inputTexts).toContainEqual(
    expect.stringMatching(/^<user_shell_command>\n\$ sleep 60\n/),
  );
});
