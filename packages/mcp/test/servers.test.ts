import { expect, test } from "vitest";
import { fixture, mcpWorld, mcpWorldWith } from "./world.ts";

test("a server's tools are listed and called", async () => {
  await using world = mcpWorld(
    fixture("normal", { enabledTools: ["echo", "look", "fail"], disabledTools: ["fail"] }),
  );
  await world.settle();
  expect(world.servers.list()).toEqual([
    {
      server: "normal",
      name: "echo",
      description: "Says it again",
      inputSchema: { type: "object", properties: { text: { type: "string" } } },
      readOnly: false,
    },
    {
      server: "normal",
      name: "look",
      description: "Looks",
      inputSchema: { type: "object", properties: {} },
      readOnly: true,
    },
  ]);
  expect(await world.call("normal", "echo", { text: "yo" })).toEqual({
    kind: "result",
    content: [{ type: "text", text: "echo:yo" }],
    structuredContent: { t: 1 },
    isError: false,
  });
});

test("a tool's own failure is a result; a refused call, a wrong answer and an unknown server are failures", async () => {
  await using world = mcpWorld(fixture("normal"));
  await world.settle();
  expect(await world.call("normal", "fail")).toMatchObject({ kind: "result", isError: true });
  expect(await world.call("normal", "reject")).toEqual({
    kind: "failed",
    reason: "rejected",
    message: expect.stringContaining("not with these arguments"),
  });
  expect(await world.call("normal", "wrong")).toMatchObject({ kind: "failed", reason: "bad_answer" });
  expect(await world.call("other", "echo")).toMatchObject({ kind: "failed", reason: "not_ready" });
});

test("a call that hangs ends after its time, and the next call of the same server works", async () => {
  await using world = mcpWorld(fixture("normal"));
  await world.settle();
  expect(await world.call("normal", "hang", {}, 200)).toEqual({
    kind: "failed",
    reason: "timed_out",
    message: "hang of the MCP server normal gave no answer within 0.2 s. What it did so far is unknown.",
  });
  expect(await world.call("normal", "look")).toMatchObject({ kind: "result" });
});

test("a call can be interrupted", async () => {
  await using world = mcpWorld(fixture("normal"));
  await world.settle();
  const controller = new AbortController();
  const call = world.servers.call("normal", "hang", {}, { signal: controller.signal });
  controller.abort();
  expect(await call).toMatchObject({ kind: "failed", reason: "interrupted" });
});

test("a server that dies in a call says so with its last words, and the next call starts it again", async () => {
  await using world = mcpWorld(fixture("normal"));
  await world.settle();
  expect(await world.call("normal", "die")).toEqual({
    kind: "failed",
    reason: "server_ended",
    message:
      "The MCP server normal ended during the call, so what the call did is unknown: its process ended (exit code 7); it printed last: fatal: out of luck",
  });
  expect(world.servers.status()[0]?.state.kind).toBe("ended");
  expect(await world.call("normal", "look")).toMatchObject({ kind: "result" });
  for (let death = 0; death < 3; death++) await world.call("normal", "die");
  expect(await world.call("normal", "look")).toMatchObject({ kind: "failed", reason: "not_ready" });
  expect(world.servers.list()).toEqual([]);
});

test.each(["flood", "chatter"])("a server that floods (%s) is ended, and another goes on", async (tool) => {
  await using world = mcpWorld(fixture("normal"), fixture("many"));
  await world.settle();
  const before = process.memoryUsage().rss;
  const [flooded, other] = await Promise.all([
    world.call("normal", tool, {}, 20_000),
    world.call("many", "tool_000"),
  ]);
  expect(flooded).toMatchObject({
    kind: "failed",
    reason: "server_ended",
    message: expect.stringMatching(/sent/),
  });
  expect(other).toMatchObject({ kind: "failed", reason: "rejected" });
  expect(process.memoryUsage().rss - before).toBeLessThan(120 * 1024 * 1024);
});

test("servers that do not start are failures with a reason and hold nobody up", async () => {
  await using world = mcpWorld(
    fixture("silent", { startupTimeoutMs: 300 }),
    fixture("flood-start"),
    fixture("no-tools"),
    fixture("dies-at-start"),
    { ...fixture("missing"), transport: { kind: "stdio", argv: ["/nowhere/server"], cwd: null, env: {} } },
    { ...fixture("remote"), transport: { kind: "http", url: "http://example.com/mcp", headers: {} } },
    fixture("off", { enabled: false }),
    fixture("normal"),
  );
  await world.settle();
  const states = world.servers
    .status()
    .map(({ id, state }) => [id, state.kind, "message" in state ? state.message : ""]);
  expect(states).toEqual([
    ["silent", "failed", "it was not ready after 0.3 s; it gave no answer"],
    [
      "flood-start",
      "failed",
      expect.stringContaining("it sent a message of more than 16777216 bytes and was ended"),
    ],
    ["no-tools", "failed", expect.stringContaining("no tools today")],
    [
      "dies-at-start",
      "failed",
      "its process ended (exit code 3); it printed last: configuration file not found",
    ],
    ["missing", "failed", expect.stringContaining("ENOENT")],
    ["remote", "failed", "its url must be https, or http on this machine, and is http://example.com"],
    ["off", "disabled", ""],
    ["normal", "ready", ""],
  ]);
});

test("a slow server is waited for as long as the grace lasts, a required one to its end", async () => {
  await using world = mcpWorld(
    fixture("slow-start", { id: "optional" }, ["700"]),
    fixture("slow-start", { id: "needed", required: true }, ["400"]),
  );
  await world.settle(50);
  expect(world.servers.status().map(({ state }) => state.kind)).toEqual(["starting", "ready"]);
  await world.settle();
  expect(world.servers.status().map(({ state }) => state.kind)).toEqual(["ready", "ready"]);
});

test("tools that change are read again before the next turn", async () => {
  await using world = mcpWorld(fixture("normal"));
  await world.settle();
  await world.call("normal", "grow");
  await world.settle();
  expect(world.servers.list().map(({ name }) => name)).toContain("grown");
});

test("malformed tools are left out and counted, noise on stdout is no message, pages are joined", async () => {
  await using world = mcpWorld(fixture("bad-tools"), fixture("deep"), fixture("noisy"), fixture("many"));
  await world.settle();
  expect(world.servers.status().map(({ state, toolCount }) => [state, toolCount])).toEqual([
    [{ kind: "ready", malformedTools: 3 }, 1],
    [{ kind: "ready", malformedTools: 1 }, 1],
    [{ kind: "ready", malformedTools: 0 }, 19],
    [{ kind: "ready", malformedTools: 0 }, 200],
  ]);
});

test.each([
  ["as it comes", {}, [{ progress: 1, total: 2 }]],
  [
    "also when the server writes it together with its answer",
    { atOnce: true },
    [
      { progress: 1, total: 2 },
      { progress: 2, total: 2 },
    ],
  ],
])("progress reaches the caller %s", async (_, args, expected) => {
  await using world = mcpWorld(fixture("normal"));
  await world.settle();
  const seen: unknown[] = [];
  const { signal } = new AbortController();
  const onProgress = (progress: unknown) => seen.push(progress);
  await world.servers.call("normal", "progress", args, { signal, onProgress });
  expect(seen).toEqual(expected);
});

test("closing ends every process, one that ignores signals as well, in the middle of a start too", async () => {
  const world = mcpWorld(fixture("normal"), fixture("stubborn"), fixture("silent"));
  await world.settle(500);
  expect(world.running.size).toBe(3);
  await Promise.all([world.servers.close(), world.servers.close()]);
  expect([...world.running]).toEqual([]);
  expect(await world.call("normal", "look")).toMatchObject({ kind: "failed" });
});

test("servers are replaced: what is given again goes on, the rest is ended, and news of those that are ended is no news", async () => {
  const [kept, gone] = [fixture("normal"), fixture("keeper")];
  const news: string[] = [];
  const onState = (id: string, { kind }: { kind: string }) => news.push(`${id} ${kind}`);
  await using world = mcpWorldWith({ onState }, kept, gone);
  await world.settle();
  const pid = await world.call("normal", "pid");
  await world.servers.replace([fixture("many"), kept]);
  await world.settle();
  expect(world.servers.status().map(({ id, state }) => [id, state.kind])).toEqual([
    ["many", "ready"],
    ["normal", "ready"],
  ]);
  expect(await world.call("normal", "pid")).toEqual(pid);
  expect(await world.call("keeper", "echo")).toMatchObject({ kind: "failed", reason: "not_ready" });
  expect(world.running.size).toBe(2);
  expect(news.sort()).toEqual([
    "keeper ready",
    "keeper starting",
    "many ready",
    "many starting",
    "normal ready",
    "normal starting",
  ]);
  await world.servers.close();
  await world.servers.replace([gone]);
  expect(world.running.size).toBe(0);
});
