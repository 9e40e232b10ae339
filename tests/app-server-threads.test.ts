import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { assertAppendOnly, callsTool, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { type RawClient, startAppServer } from "./support/app-server.ts";
import { type ExecWorld, execWorld } from "./support/exec-world.ts";

async function start(client: RawClient, world: ExecWorld, more: object = {}): Promise<string> {
  const { thread } = await client.request("thread/start", { cwd: world.repository.path, ...more });
  return thread.id;
}

test("read, page, resume: the same history through every method, also in another process", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd: "cat a.txt" })],
    script: { afterwards: says("ok") },
  });
  let threadId = "";
  {
    await using server = startAppServer(world);
    await server.client.initialize();
    threadId = await start(server.client, world);
    for (const text of ["one", "two", "three"]) await server.client.turn(threadId, text);
    expect(await server.client.request("thread/loaded/list", {})).toEqual({
      data: [threadId],
      nextCursor: null,
    });
  }
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  expect(await client.request("thread/loaded/list", {})).toEqual({ data: [], nextCursor: null });
  const { thread } = await client.request("thread/read", { threadId, includeTurns: true });
  expect(thread).toMatchObject({ preview: "one", status: { type: "notLoaded" }, source: "appServer" });
  const texts = thread.turns.map((turn: { items: { type: string }[] }) =>
    turn.items.map((item) => item.type),
  );
  expect(texts).toEqual([
    ["userMessage", "commandExecution", "agentMessage"],
    ["userMessage", "agentMessage"],
    ["userMessage", "agentMessage"],
  ]);
  const newest = await client.request("thread/turns/list", { threadId, limit: 2 });
  const older = await client.request("thread/turns/list", { threadId, limit: 2, cursor: newest.nextCursor });
  const ids = [...newest.data, ...older.data].map((turn: { id: string }) => turn.id);
  expect(ids).toEqual(thread.turns.map((turn: { id: string }) => turn.id).reverse());
  expect([newest.data[0].itemsView, older.nextCursor]).toEqual(["summary", null]);

  const all: { item: { id: string } }[] = [];
  let cursor: string | null = null;
  do {
    const page: { data: typeof all; nextCursor: string | null } = await client.request("thread/items/list", {
      threadId,
      limit: 3,
      cursor,
    });
    all.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(all.map(({ item }) => item.id)).toEqual(
    thread.turns.flatMap((turn: { items: { id: string }[] }) => turn.items.map((item) => item.id)),
  );
  const wrong = await client.call("thread/items/list", { threadId, cursor: "nonsense" });
  expect(wrong.error?.data?.code).toBe("cursor_invalid");

  const resumed = await client.request("thread/resume", { threadId });
  expect(resumed.thread.turns).toHaveLength(3);
  expect(resumed).toMatchObject({
    model: "gpt-5.3-codex",
    modelProvider: "scripted",
    cwd: world.repository.path,
  });
  const back = await client.request("thread/turns/list", {
    threadId,
    limit: 1,
    cursor: resumed.turnsBackwardsCursor,
  });
  expect(back.data[0].id).toBe(thread.turns[2].id);
  await client.turn(threadId, "four");
  assertAppendOnly(world.server.requests);
  const missing = await client.call("thread/read", { threadId: "0198a000-0000-7000-8000-000000000001" });
  expect(missing.error?.data?.code).toBe("thread_not_found");
});

test("fork: the whole thread, or up to a turn; the source stays as it is", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  const threadId = await start(client, world);
  const first = await client.turn(threadId, "one");
  await client.turn(threadId, "two");
  const { thread: source } = await client.request("thread/read", { threadId });
  const before = await readFile(source.path, "utf8");
  const whole = await client.request("thread/fork", { threadId });
  expect(whole.thread).toMatchObject({ forkedFromId: threadId, status: { type: "idle" } });
  expect(whole.thread.turns).toHaveLength(2);
  const part = await client.request("thread/fork", {
    threadId,
    lastTurnId: first.turn.id,
    excludeTurns: true,
  });
  expect(part.thread.turns).toEqual([]);
  await client.turn(part.thread.id, "three");
  expect(world.server.requests.at(-1)?.inputTexts.slice(-3)).toEqual(["one", "ok", "three"]);
  expect(await readFile(source.path, "utf8")).toBe(before);
  const wrong = await client.call("thread/fork", { threadId, lastTurnId: "x" });
  expect(wrong.error?.data?.code).toBe("usage_invalid");
});

test("revert: the turn and what followed are gone for the model and for readers, also after a restart", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  let threadId = "";
  {
    await using server = startAppServer(world);
    const { client } = server;
    await client.initialize();
    threadId = await start(client, world);
    await client.turn(threadId, "one");
    const second = await client.turn(threadId, "two");
    await client.turn(threadId, "three");
    const from = client.frames.length;
    const reverted = await client.request("thread/revert", { threadId, beforeTurnId: second.turn.id });
    expect(reverted.thread).toMatchObject({ id: threadId, turns: [] });
    await client.notified("thread/reverted", from);
    await client.turn(threadId, "instead");
    expect(world.server.requests.at(-1)?.inputTexts.slice(-3)).toEqual(["one", "ok", "instead"]);
    const unknown = await client.call("thread/revert", { threadId, beforeTurnId: second.turn.id });
    expect(unknown.error?.data?.code).toBe("usage_invalid");
    expect((await client.turn(threadId, "still works")).turn.status).toBe("completed");
  }
  await using server = startAppServer(world);
  await server.client.initialize();
  const { thread } = await server.client.request("thread/resume", { threadId });
  const asked = thread.turns.map(
    (turn: { items: { content?: { text: string }[] }[] }) => turn.items[0]?.content?.[0]?.text,
  );
  expect(asked).toEqual(["one", "instead", "still works"]);
  await server.client.turn(threadId, "more");
  expect(world.server.requests.at(-1)?.inputTexts.join("|")).not.toMatch(/\b(two|three)\b/);
});

test("lists: order, pages, filters, names; archive moves the file and back, delete removes it", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  const ids: string[] = [];
  for (const text of ["alpha", "beta", "gamma"]) {
    const id = await start(client, world);
    await client.turn(id, text);
    ids.push(id);
  }
  const idsOf = (list: { data: { id: string }[] }) => list.data.map(({ id }) => id);
  const [a = "", b = "", c = ""] = ids;
  const first = await client.request("thread/list", { limit: 2 });
  expect(idsOf(first)).toEqual([c, b]);
  expect(idsOf(await client.request("thread/list", { limit: 2, cursor: first.nextCursor }))).toEqual([a]);
  expect(idsOf(await client.request("thread/list", { sortDirection: "asc" }))).toEqual([a, b, c]);
  expect(idsOf(await client.request("thread/list", { searchTerm: "BET" }))).toEqual([b]);
  expect(idsOf(await client.request("thread/list", { cwd: "/nowhere" }))).toEqual([]);
  expect(idsOf(await client.request("thread/list", { sourceKinds: ["exec"] }))).toEqual([]);
  expect(
    idsOf(await client.request("thread/list", { excludedThreadIds: [c], modelProviders: ["scripted"] })),
  ).toEqual([b, a]);
  await client.turn(a, "again");
  expect(idsOf(await client.request("thread/list", { sortKey: "updated_at", limit: 1 }))).toEqual([a]);

  const from = client.frames.length;
  await client.request("thread/name/set", { threadId: b, name: "  The second  " });
  expect((await client.notified("thread/name/updated", from)).params).toEqual({
    threadId: b,
    threadName: "The second",
  });
  expect((await client.request("thread/list", { searchTerm: "the sec" })).data[0]).toMatchObject({
    id: b,
    name: "The second",
  });

  const { path } = (await client.request("thread/read", { threadId: a })).thread;
  expect(await client.request("thread/archive", { threadId: a })).toEqual({});
  await client.notified("thread/archived", from);
  expect(existsSync(path)).toBe(false);
  expect(existsSync(join(world.quireHome, "archived_sessions", path.split("/").at(-1)))).toBe(true);
  expect(idsOf(await client.request("thread/list", {}))).toEqual([c, b]);
  expect(idsOf(await client.request("thread/list", { archived: true }))).toEqual([a]);
  expect(
    (await client.request("thread/read", { threadId: a, includeTurns: true })).thread.turns,
  ).toHaveLength(2);
  const restored = await client.request("thread/unarchive", { threadId: a });
  expect(restored.thread).toMatchObject({ id: a, path });
  await client.request("thread/resume", { threadId: a });
  expect(await client.request("thread/delete", { threadId: a })).toEqual({});
  await client.notified("thread/deleted", from);
  expect(existsSync(path)).toBe(false);
  expect((await client.call("thread/resume", { threadId: a })).error?.data?.code).toBe("thread_not_found");
});

test("an ephemeral thread works and leaves nothing behind", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  const { thread } = await client.request("thread/start", { cwd: world.repository.path, ephemeral: true });
  expect(thread).toMatchObject({ ephemeral: true, path: null });
  expect((await client.turn(thread.id, "x")).turn.status).toBe("completed");
  expect((await client.request("thread/list", {})).data).toEqual([]);
  const history = await client.call("thread/turns/list", { threadId: thread.id });
  expect(history.error?.data?.code).toBe("usage_invalid");
});

test("what a background command does and is told is known, and it can be ended", async () => {
  await using world = await execWorld({
    steps: [
      callsTool("exec_command", { cmd: "sleep 60", stdin: true, yield_time_ms: 250 }),
      callsTool("write_stdin", { session_id: 1, chars: "a line\n", yield_time_ms: 250 }),
      says("It runs."),
    ],
  });
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  const threadId = await start(client, world);
  const { frames, turn } = await client.turn(threadId, "start it");
  const { data } = await client.request("thread/backgroundTerminals/list", { threadId });
  expect(data).toEqual([expect.objectContaining({ command: "sleep 60", cwd: world.repository.path })]);
  const { processId, itemId } = data[0];
  const told = frames.filter(({ method }) => method === "item/commandExecution/terminalInteraction");
  expect(told.map(({ params }) => params)).toEqual([
    { threadId, turnId: turn.id, itemId, processId, stdin: "a line\n" },
  ]);
  const from = client.frames.length;
  expect(await client.request("thread/backgroundTerminals/terminate", { threadId, processId })).toEqual({
    terminated: true,
  });
  const end = await client.notified("item/completed", from);
  expect(end.params.item).toMatchObject({ type: "commandExecution", status: "failed", processId: null });
  expect(await client.request("thread/backgroundTerminals/terminate", { threadId, processId })).toEqual({
    terminated: false,
  });
});
