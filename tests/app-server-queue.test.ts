import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, fault, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { type RawClient, startAppServer, type WireFrame } from "./support/app-server.ts";
import { execWorld, type WorldOptions } from "./support/exec-world.ts";

/** A turn that goes on until the file `go` is there. */
const WAITS = callsTool("exec_command", { cmd: "until [ -e go ]; do sleep 0.05; done" });

const text = (words: string) => [{ type: "text", text: words, text_elements: [] }];

async function open(options: WorldOptions = {}) {
  const world = await execWorld({ script: { afterwards: says("Done.") }, ...options });
  const server = startAppServer(world);
  await server.client.initialize({ experimentalApi: true });
  const { thread } = await server.client.request("thread/start", { cwd: world.repository.path });
  return {
    world,
    client: server.client,
    threadId: String(thread.id),
    go: () => writeFile(join(world.repository.path, "go"), ""),
    /** Ends the server, not the world around it. */
    stop: () => server[Symbol.asyncDispose](),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

async function add(client: RawClient, threadId: string, words: string): Promise<string> {
  const params = { threadId, input: text(words), clientUserMessageId: `client-${words}` };
  const { queuedSubmission } = await client.request("thread/queue/add", params);
  return queuedSubmission.id;
}

async function waiting(client: RawClient, threadId: string): Promise<string[]> {
  const { data } = await client.request("thread/queue/list", { threadId });
  return data.map(({ input }: { input: { text: string }[] }) => input[0]?.text);
}

/** What was asked of the model, by the client's name of the message. */
function asked(frames: readonly WireFrame[]): (string | null)[] {
  return frames.flatMap(({ method, params }) =>
    method === "item/completed" && params.item.type === "userMessage" ? [params.item.clientId] : [],
  );
}

/** The frame with which the n-th turn since the beginning ended. */
function turnEnd(client: RawClient, number: number): Promise<WireFrame> {
  return client.wait((frame) => {
    const ends = client.frames.filter(({ method }) => method === "turn/completed");
    return ends.indexOf(frame) === number - 1;
  });
}

async function startWaitingTurn({ client, threadId }: { client: RawClient; threadId: string }) {
  const { turn } = await client.request("turn/start", { threadId, input: text("first") });
  await client.wait(
    ({ method, params }) => method === "item/started" && params.item.type === "commandExecution",
  );
  return String(turn.id);
}

test("messages wait for the turn that runs, can be edited meanwhile, and then begin one after the other", async () => {
  await using run = await open({ steps: [WAITS] });
  const { client, threadId } = run;
  await startWaitingTurn(run);
  const [one, two, three] = [
    await add(client, threadId, "one"),
    await add(client, threadId, "two"),
    await add(client, threadId, "three"),
  ];
  const queue = (method: string, params: object) =>
    client.call(`thread/queue/${method}`, { threadId, ...params });
  const edited = await queue("update", { queuedSubmissionId: two, input: text("two, edited") });
  expect(edited.result).toEqual({
    queuedSubmission: {
      id: two,
      input: text("two, edited"),
      clientUserMessageId: "client-two",
      responsesapiClientMetadata: null,
    },
  });
  expect((await queue("delete", { queuedSubmissionId: one })).result).toEqual({ deleted: true });
  expect((await queue("delete", { queuedSubmissionId: one })).result).toEqual({ deleted: false });
  expect((await queue("reorder", { queuedSubmissionIds: [three, two] })).result).toEqual({});
  const first = (await queue("list", { limit: 1 })).result;
  expect(first.data).toMatchObject([{ id: three }]);
  expect((await queue("list", { cursor: first.nextCursor })).result).toMatchObject({
    data: [{ id: two }],
    nextCursor: null,
  });
  const refused = [
    await queue("update", { queuedSubmissionId: "none", input: text("x") }),
    await queue("reorder", { queuedSubmissionIds: [three] }),
    await queue("add", { input: [], clientUserMessageId: "x" }),
    await queue("start", {}),
  ];
  expect(refused.map(({ error }) => error?.data?.code)).toEqual([
    "usage_invalid",
    "usage_invalid",
    "prompt_empty",
    "thread_busy",
  ]);
  expect(client.methods().filter((method) => method === "thread/queue/changed")).toHaveLength(6);
  await run.go();
  await turnEnd(client, 3);
  expect(asked(client.frames)).toEqual([null, "client-three", "client-two"]);
  expect(run.world.server.requests.map(({ inputTexts }) => inputTexts.at(-1))).toEqual([
    "first",
    expect.anything(),
    "three",
    "two, edited",
  ]);
  expect(await waiting(client, threadId)).toEqual([]);
});

test("an idle thread begins with a message at once; none begins after an interrupt until a turn has completed", async () => {
  await using run = await open({ steps: [says("Hi."), WAITS] });
  const { client, threadId } = run;
  await add(client, threadId, "at once");
  await turnEnd(client, 1);
  const turnId = await startWaitingTurn(run);
  await add(client, threadId, "later");
  await client.request("turn/interrupt", { threadId, turnId });
  await turnEnd(client, 2);
  await add(client, threadId, "last");
  expect(await waiting(client, threadId)).toEqual(["later", "last"]);
  await client.turn(threadId, "go on");
  await turnEnd(client, 5);
  expect(asked(client.frames)).toEqual(["client-at once", null, null, "client-later", "client-last"]);
});

test("after a failed turn the queue waits, and a chosen message begins when it is told to", async () => {
  await using run = await open({ steps: [WAITS, fault({ status: 400 })] });
  const { client, threadId } = run;
  await startWaitingTurn(run);
  await add(client, threadId, "one");
  const two = await add(client, threadId, "two");
  await run.go();
  expect((await turnEnd(client, 1)).params.turn.status).toBe("failed");
  expect(await waiting(client, threadId)).toEqual(["one", "two"]);
  const { turn } = await client.request("thread/queue/start", { threadId, queuedSubmissionId: two });
  expect(turn).toMatchObject({ status: "inProgress", items: [] });
  await turnEnd(client, 3);
  expect(asked(client.frames)).toEqual([null, "client-two", "client-one"]);
  const nothing = await client.call("thread/queue/start", { threadId });
  expect(nothing.error).toMatchObject({ message: "queue is empty" });
});

test("the queue outlives the process and goes on when the thread is resumed; it goes with a deleted thread", async () => {
  await using run = await open();
  const { client, threadId, world } = run;
  await client.turn(threadId, "first");
  // While the thread is open nowhere: where it is, the message would begin.
  await run.stop();
  await using other = startAppServer(world);
  await other.client.initialize();
  await add(other.client, threadId, "from elsewhere");
  const notOpen = await other.client.call("thread/queue/start", { threadId });
  expect(notOpen.error?.data?.code).toBe("thread_not_found");
  await using third = startAppServer(world);
  await third.client.initialize({ experimentalApi: true });
  await third.client.request("thread/resume", { threadId });
  await turnEnd(third.client, 1);
  expect(asked(third.client.frames)).toEqual(["client-from elsewhere"]);
  await third.client.request("thread/delete", { threadId });
  expect(existsSync(join(world.quireHome, "queues", `${threadId}.json`))).toBe(false);
  const gone = await third.client.call("thread/queue/list", { threadId });
  expect(gone.error?.data?.code).toBe("thread_not_found");
});

test("what another process queues begins here; a thread that was interrupted keeps its queue when it is opened again", async () => {
  await using run = await open({ steps: [says("Hi."), says("There."), WAITS] });
  const { client, threadId, world } = run;
  await client.turn(threadId, "first");
  await using other = startAppServer(world);
  await other.client.initialize();
  await add(other.client, threadId, "from elsewhere");
  await turnEnd(client, 2);
  const turnId = await startWaitingTurn(run);
  const from = client.frames.length;
  await add(other.client, threadId, "later");
  await client.notified("thread/queue/changed", from);
  expect(await waiting(client, threadId)).toEqual(["later"]);
  await client.request("turn/interrupt", { threadId, turnId });
  await turnEnd(client, 3);
  await run.stop();
  await using again = startAppServer(world);
  await again.client.initialize({ experimentalApi: true });
  await again.client.request("thread/resume", { threadId });
  await again.client.turn(threadId, "go on");
  await turnEnd(again.client, 2);
  expect(asked(client.frames)).toEqual([null, "client-from elsewhere", null]);
  expect(asked(again.client.frames)).toEqual([null, "client-later"]);
});

test("a message that was about to begin when its process died is not begun twice", async () => {
  await using run = await open();
  const { client, threadId, world } = run;
  await client.turn(threadId, "first");
  const file = join(world.quireHome, "queues", `${threadId}.json`);
  const message = { id: "m1", input: text("once"), clientId: "c1", metadata: null };
  await add(client, threadId, "before");
  await turnEnd(client, 2);
  // In one step: the server may look at any moment.
  await writeFile(`${file}.new`, JSON.stringify({ version: 1, messages: [{ ...message, starting: true }] }));
  await rename(`${file}.new`, file);
  await client.turn(threadId, "next");
  const { params } = await client.notified("warning");
  expect(params).toMatchObject({ threadId, code: "outcome_unknown" });
  expect(await waiting(client, threadId)).toEqual(["once"]);
  await client.request("thread/queue/start", { threadId });
  await turnEnd(client, 4);
  expect(asked(client.frames)).toEqual([null, "client-before", null, "c1"]);
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ version: 1, messages: [] });
});
