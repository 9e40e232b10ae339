import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExecEvent } from "@quire/protocol";
import {
  assertAppendOnly,
  callsTool,
  fault,
  type RecordedRequest,
  runQuire,
  type Step,
  says,
} from "@quire/test-support";
import { expect, test } from "vitest";
import { startAppServer } from "./support/app-server.ts";
import { type ExecWorld, execWorld, type WorldOptions } from "./support/exec-world.ts";

const SUMMARY = /^<context_summary>/;

/** The input of a request: the words of messages, the names of calls, the beginnings of answers. */
function shape(request: RecordedRequest | undefined): string[] {
  const body = request?.body as { input: Record<string, unknown>[] } | undefined;
  return (body?.input ?? []).map((item) => {
    if (item.type === "message") {
      const text = (item.content as { text?: string }[]).map((part) => part.text ?? "").join("");
      const tag = /^(?:<(\w+)>|# (AGENTS\.md))/.exec(text);
      return tag ? `${item.role}: ${tag[1] ?? tag[2]}` : `${item.role}: ${text}`;
    }
    return item.type === "function_call" ? `call ${item.name}` : String(item.type);
  });
}

/** The message that stands for what left the context. */
function summaryIn(request: RecordedRequest | undefined): string {
  return request?.inputTexts.find((text) => SUMMARY.test(text)) ?? "";
}

async function open(options: WorldOptions = {}) {
  const world = await execWorld({ script: { afterwards: says("Done.") }, ...options });
  const server = startAppServer(world);
  await server.client.initialize({ experimentalApi: false });
  const { thread } = await server.client.request("thread/start", { cwd: world.repository.path });
  return {
    world,
    client: server.client,
    threadId: String(thread.id),
    path: String(thread.path),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

test("thread/compact/start: a turn of its own, visible, logged, and what the model goes on with after a resume", async () => {
  const plan = {
    plan: [
      { step: "Read a.txt", status: "completed" },
      { step: "Change it", status: "in_progress" },
    ],
  };
  const steps: Step[] = [
    callsTool("update_plan", plan),
    callsTool("exec_command", { cmd: "cat a.txt" }),
    callsTool("exec_command", { cmd: "echo broken >&2; exit 3" }),
    says("a.txt says one."),
    says("The task is a.txt; it was read. Next: change it."),
    says("Went on."),
  ];
  await using run = await open({
    steps,
    files: { "a.txt": "one\n", "AGENTS.md": "Always run the tests.\n" },
  });
  const { client, threadId, world } = run;
  await client.turn(threadId, "please look at a.txt");
  const from = client.frames.length;
  expect(await client.request("thread/compact/start", { threadId, instructions: "keep the names" })).toEqual(
    {},
  );
  const busy = await client.call("thread/compact/start", { threadId });
  expect(busy.error?.data?.code).toBe("thread_busy");
  const ended = await client.notified("turn/completed", from);
  expect(ended.params.turn).toMatchObject({ status: "completed", error: null });
  const item = {
    type: "contextCompaction",
    id: expect.any(String),
    trigger: "manual",
    compactor: "model",
    tokensBefore: expect.any(Number),
    tokensAfter: expect.any(Number),
    summary: "The task is a.txt; it was read. Next: change it.",
    leftOut: ["tool calls with their answers: 3", "messages of the agent: 1"],
    error: null,
    startedAtMs: expect.any(Number),
    completedAtMs: expect.any(Number),
  };
  const methods = client.methods(from).filter((method) => !/status|tokenUsage/.test(method));
  expect(methods).toEqual([
    "turn/started",
    "item/started",
    "item/completed",
    "thread/compacted",
    "turn/completed",
  ]);
  const completed = await client.notified("item/completed", from);
  expect(completed.params.item).toEqual(item);
  expect(completed.params.item.tokensAfter).toBeLessThan(completed.params.item.tokensBefore);

  const asked = world.server.requests[4];
  expect(asked?.inputTexts.at(-1)).toMatch(
    /without calling any tool[\s\S]*The user asks you to heed: keep the names$/,
  );
  await client.turn(threadId, "go on");
  const expected = [
    "developer: permissions",
    "user: AGENTS",
    "user: environment_context",
    "user: please look at a.txt",
    "user: context_summary",
    "user: go on",
  ].map((line) => line.replace("AGENTS", "AGENTS.md"));
  const next = world.server.requests[5];
  expect(shape(next)).toEqual(expected);
  expect(summaryIn(next)).toContain("## Plan\n[x] Read a.txt\n[>] Change it\n");
  expect(summaryIn(next)).toContain("- $ echo broken >&2; exit 3: exit 3\n    broken");
  expect(summaryIn(next)).toContain("## Summary\nThe task is a.txt; it was read. Next: change it.");

  await client.request("thread/unsubscribe", { threadId });
  const log = (await readFile(run.path, "utf8")).trim().split("\n");
  const lines: { type: string; payload: Record<string, unknown> }[] = log.map((text) => JSON.parse(text));
  const compacted = lines.filter(({ type }) => type === "compacted");
  expect(compacted.map(({ payload }) => Object.keys(payload))).toEqual([
    ["message", "replacement_history", "turn_id", "checkpoint"],
  ]);
  expect(lines.filter(({ payload }) => payload.type === "function_call").length).toBe(3);
  const bills = lines
    .filter(({ type }) => type === "token_usage_record")
    .map(({ payload }) => payload.purpose);
  expect(bills).toEqual([undefined, undefined, undefined, undefined, "compaction", undefined]);
});

test("a resume by another process begins with the very bytes the compacted thread had, and so does a fork", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd: "cat a.txt" }), says("It says one.")],
    script: { afterwards: says("ok") },
    config: 'compactor = "extract"\n',
  });
  const { threadId } = await compacted(world);
  await world.exec(["resume", threadId, "again"]);
  await world.exec(["resume", threadId, "and again"]);
  await world.exec(["fork", threadId, "elsewhere"]);
  const [resumed, once, forked] = world.server.requests.slice(2);
  const kept = [
    "developer: permissions",
    "user: environment_context",
    "user: look",
    "user: context_summary",
    "user: again",
  ];
  expect(shape(resumed)).toEqual(kept);
  expect(shape(once)).toEqual([...kept, "assistant: ok", "user: and again"]);
  expect(shape(forked)).toEqual([
    ...kept,
    "assistant: ok",
    "user: and again",
    "assistant: ok",
    "user: elsewhere",
  ]);
  assertAppendOnly([resumed, once].filter((request) => request !== undefined));
  expect(summaryIn(resumed)).toContain("- cat a.txt (exit 0)");
  expect(summaryIn(resumed)).toContain("### Since then\n- called exec_command\n- you said: It says one.");
});

/** A thread of one turn, compacted through the app-server, which has ended since. */
async function compacted(world: ExecWorld): Promise<{ threadId: string; path: string }> {
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize({ experimentalApi: false });
  const { thread } = await client.request("thread/start", {
    cwd: world.repository.path,
    sandbox: "workspace-write",
    approvalPolicy: "never",
  });
  const threadId = String(thread.id);
  await client.turn(threadId, "look");
  await client.request("thread/compact/start", { threadId });
  await client.notified("thread/compacted");
  await client.wait((frame) => frame.method === "turn/completed", client.frames.length - 1);
  return { threadId, path: String(thread.path) };
}

const CALL: Step = callsTool("exec_command", { cmd: "seq 1 400; echo last" });
/** As an endpoint counts: a token for so many bytes of the request. */
const counted =
  (step: Step): Step =>
  (request) => {
    const answer = typeof step === "function" ? step(request) : step;
    return answer.kind === "reply"
      ? { ...answer, usage: { input: Math.ceil(request.raw.length / 3.5) } }
      : answer;
  };

test("near the limit the context is compacted in the middle of a turn, and the work goes on where it was", async () => {
  const steps = [CALL, CALL, CALL, CALL, says("Read all of it."), says("Done.")].map(counted);
  await using world = await execWorld({
    steps,
    config: 'compactor = "extract"\nmodel_auto_compact_token_limit = 4000\n',
  });
  const { run, events } = await world.execJson(["count for me"]);
  expect(run.exitCode).toBe(0);
  const items = compactions(events);
  expect(items).toEqual([
    {
      id: expect.stringMatching(/^item_\d+$/),
      type: "context_compaction",
      trigger: "auto",
      compactor: "extract",
      tokens_before: expect.any(Number),
      tokens_after: expect.any(Number),
      summary: expect.stringContaining("called exec_command"),
      left_out: [expect.stringMatching(/^tool calls with their answers: \d$/)],
    },
  ]);
  const [item] = items;
  expect(item?.tokens_before).toBeGreaterThan(4000);
  expect(item?.tokens_after).toBeLessThan(4000);
  const after = world.server.requests.find((request) => summaryIn(request) !== "");
  const parts = shape(after);
  expect(parts.slice(0, 4)).toEqual([
    "developer: permissions",
    "user: environment_context",
    "user: count for me",
    "user: context_summary",
  ]);
  expect(parts.slice(4)).toEqual(["call exec_command", "function_call_output"]);
  expect(after?.toolOutputs.at(-1)).toMatch(/last\n?$/);
});

test("a limit below what every request needs ends the turn with one typed error before anything is sent", async () => {
  await using world = await execWorld({
    script: { afterwards: CALL },
    config: "model_auto_compact_token_limit = 500\n",
  });
  const { run, events } = await world.execJson(["go"]);
  expect(run.exitCode).toBe(1);
  const errors = events.flatMap((event) => (event.type === "turn.failed" ? [event.error] : []));
  expect(errors).toEqual([
    {
      code: "context_too_small",
      message: expect.stringMatching(
        /^the context limit is 500 tokens, and every request needs about [\d,]+$/,
      ),
      retryable: false,
      next_step: expect.stringContaining("quire context"),
    },
  ]);
  expect(world.server.requests).toEqual([]);
});

test("refused for its length, a request is compacted and made once more; refused again, the turn ends", async () => {
  const refusal = fault({ status: 400, code: "context_length_exceeded", message: "too long" });
  await using world = await execWorld({ steps: [CALL, refusal, says("Fine now."), CALL, refusal, refusal] });
  const first = await world.execJson(["count"]);
  expect(first.run.exitCode).toBe(0);
  expect(compactions(first.events)).toMatchObject([{ trigger: "contextTooLong", compactor: "extract" }]);
  expect(world.server.requests[2]?.raw.length).toBeLessThan(world.server.requests[1]?.raw.length ?? 0);
  const second = await world.execJson(["resume", "--last", "more"]);
  expect(second.run.exitCode).toBe(1);
  expect(compactions(second.events).length).toBe(1);
  expect(second.events.at(-1)).toMatchObject({ type: "turn.failed", error: { code: "context_too_long" } });
  expect(world.server.requests.length).toBe(6);
});

test("the model's summary that does not come gives way to an extracted one, and the reason is shown", async () => {
  const broken = fault({ status: 400, code: "invalid_request", message: "no summaries today" });
  const busy = fault({ status: 503 });
  await using world = await execWorld({
    steps: [...[CALL, CALL, CALL].map(counted), busy, busy, broken, counted(says("Done."))],
    config: "model_auto_compact_token_limit = 3700\n",
  });
  const run = await world.exec(["count"]);
  expect(run).toMatchObject({ exitCode: 0, stdout: "Done.\n" });
  expect(run.stderr).toMatch(
    /⊟ context compacted, the limit was near: about [\d,]+ tokens are now [\d,]+, summed up by extract/,
  );
  expect(run.stderr).toMatch(
    /the model could not write the summary: .*no summaries today.* \[model_bad_request\]/,
  );
  // Each failed attempt is a line of its own, and one of the turn's retries.
  const usage = await runQuire(["usage", "--by", "purpose", "--csv"], { home: world.home.path });
  expect(usage.stdout).toMatch(/^compaction,3,3,0,/m);
});

test("a revert to before a compaction brings the words back that it had taken out", async () => {
  await using run = await open({
    steps: [callsTool("exec_command", { cmd: "cat a.txt" }), says("It says one."), says("second")],
    config: 'compactor = "extract"\n',
  });
  const { client, threadId, world } = run;
  await client.turn(threadId, "look");
  const from = client.frames.length;
  await client.request("thread/compact/start", { threadId });
  const { params } = await client.notified("turn/completed", from);
  await client.turn(threadId, "after");
  await client.request("thread/revert", { threadId, beforeTurnId: params.turn.id });
  await client.turn(threadId, "instead");
  expect(shape(world.server.requests.at(-1))).toEqual([
    "developer: permissions",
    "user: environment_context",
    "user: look",
    "call exec_command",
    "function_call_output",
    "assistant: It says one.",
    "user: instead",
  ]);
});

function compactions(events: readonly ExecEvent[]) {
  return events.flatMap((event) =>
    event.type === "item.completed" && event.item.type === "context_compaction" ? [event.item] : [],
  );
}

test("the summary can be read and changed; the next request has the new words and the facts as they were", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd: "cat a.txt" }), says("It says one.")],
    script: { afterwards: says("ok") },
    config: 'compactor = "extract"\n',
  });
  const { threadId, path } = await compacted(world);
  const quire = (args: string[], env: Record<string, string> = {}) => world.quire(args, { env });
  const shown = await quire(["context", "summary", threadId]);
  expect(shown).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/## Summary\n### Since then\n- called exec/),
  });
  const none = await quire(["context", "summary", "--last", "--edit"]);
  expect(none).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("EDITOR") });
  const edited = await quire(["context", "summary", "--edit"], {
    EDITOR: "sed -i '1,$c It says one; now make it two.'",
  });
  expect([edited.exitCode, edited.stderr]).toEqual([
    0,
    `The summary of ${threadId} was changed; the log keeps the old one.\n`,
  ]);
  await world.exec(["resume", threadId, "go"]);
  const request = world.server.requests.at(-1);
  expect(shape(request).slice(-2)).toEqual(["user: context_summary", "user: go"]);
  expect(summaryIn(request)).toContain(
    "- cat a.txt (exit 0)\n\n## Summary\nIt says one; now make it two.\n\n</context_summary>",
  );
  const log = await readFile(path, "utf8");
  expect(log.match(/"type":"compacted"/g)?.length).toBe(2);
  expect(log).toContain('"trigger":"edit"');
});

test("quire context: every piece of the next request, with what it is and how large", async () => {
  await using world = await execWorld({
    files: { "a.txt": "one\n", "AGENTS.md": "Rule one.\n" },
    script: { afterwards: says("ok") },
    config: "model_auto_compact_token_limit = 9000\n",
  });
  await world.exec(["first words"]);
  const quire = (args: string[]) => world.quire(["context", ...args]);
  const json = await quire(["--last", "--json"]);
  expect(json.exitCode).toBe(0);
  const report = JSON.parse(json.stdout);
  const pieces: {
    part: string;
    name: string;
    bytes: number;
    tokens: number;
    cache: string;
    source: string;
  }[] = report.pieces;
  expect(
    pieces.filter(({ part }) => part !== "tool").map(({ part, name, cache }) => [part, name, cache]),
  ).toEqual([
    ["instructions", "instructions", "always"],
    ["surroundings", "permissions", "until_compaction"],
    ["surroundings", "AGENTS.md", "until_compaction"],
    ["surroundings", "environment_context", "until_compaction"],
    ["user", "first words", "until_compaction"],
    ["agent", "ok", "until_compaction"],
  ]);
  expect(pieces.find(({ name }) => name === "AGENTS.md")?.source).toBe(
    `${world.repository.path}/AGENTS.md (9 bytes)`,
  );
  expect(report).toMatchObject({
    bytes: pieces.reduce((sum, { bytes }) => sum + bytes, 0),
    tokens: pieces.reduce((sum, { tokens }) => sum + tokens, 0),
    compaction_limit: 9000,
    compactor: "model",
  });
  const sent = world.server.requests[0]?.raw.length ?? 0;
  expect(Math.abs(report.bytes - sent)).toBeLessThan(sent * 0.2);
  const text = await quire([]);
  expect(text.stdout).toMatch(/built-in tool\n[\s\S]*compaction: beyond 9,000 tokens, summed up by model\n$/);
  expect(world.server.requests.length).toBe(1);
});

test("AGENTS.md that changes between turns is sent again alone; when it is gone that is said, once", async () => {
  await using world = await execWorld({
    files: { "a.txt": "one\n", "AGENTS.md": "Rule one.\n" },
    script: { afterwards: says("ok") },
  });
  const last = () => shape(world.server.requests.at(-1)).slice(-3);
  const docs = () =>
    world.server.requests.at(-1)?.inputTexts.findLast((text) => text.startsWith("# AGENTS.md"));
  await world.exec(["one"]);
  await writeFile(join(world.repository.path, "AGENTS.md"), "Rule two.\n");
  await world.exec(["resume", "--last", "two"]);
  expect(last()).toEqual(["assistant: ok", "user: AGENTS.md", "user: two"]);
  expect(docs()).toContain("Rule two.");
  await rm(join(world.repository.path, "AGENTS.md"));
  await world.exec(["resume", "--last", "three"]);
  expect(last()).toEqual(["assistant: ok", "user: AGENTS.md", "user: three"]);
  expect(docs()).toBe(
    "# AGENTS.md instructions: none\n\nThe files that were given before are gone; their rules no longer hold.",
  );
  await world.exec(["resume", "--last", "four"]);
  expect(last()).toEqual(["user: three", "assistant: ok", "user: four"]);
  assertAppendOnly(world.server.requests);
});

test("killed while the model writes the summary: the old history is in force, and the next run compacts anew", async () => {
  const slow = says({ deltas: 40, chars: 8 }, { delivery: { stall: { afterDeltas: 2, ms: 20_000 } } });
  await using world = await execWorld({
    steps: [...[CALL, CALL, CALL].map(counted), slow, counted(says("The summary.")), counted(says("Done."))],
    config: "model_auto_compact_token_limit = 3700\n",
  });
  const killed = await world.exec(["count"], {
    onStart: (child) => void world.server.arrived(4).then(() => setTimeout(() => child.kill("SIGKILL"), 100)),
  });
  expect(killed.signal).toBe("SIGKILL");
  const { run, events } = await world.execJson(["resume", "--last"]);
  expect(run).toMatchObject({ exitCode: 0 });
  expect(compactions(events)).toMatchObject([
    { trigger: "auto", compactor: "model", summary: "The summary." },
  ]);
  const [asked, goesOn] = world.server.requests.slice(4);
  expect(asked?.toolOutputs.length).toBe(3);
  expect(shape(goesOn).slice(2, 4)).toEqual(["user: count", "user: context_summary"]);
  expect(summaryIn(goesOn)).toContain("## Summary\nThe summary.");
});
