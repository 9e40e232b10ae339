import net from "node:net";
import { join } from "node:path";
import { says } from "@quire/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import { clientOf, listeningAddress, startAppServer } from "./support/app-server.ts";
import { execWorld } from "./support/exec-world.ts";

const METHODS = [
  "initialize",
  "thread/start",
  "thread/resume",
  "thread/fork",
  "thread/list",
  "thread/read",
  "thread/revert",
  "thread/archive",
  "thread/delete",
  "thread/name/set",
  "thread/turns/list",
  "thread/items/list",
  "thread/unsubscribe",
  "thread/backgroundTerminals/terminate",
  "turn/start",
  "turn/steer",
  "turn/interrupt",
  "model/list",
  "config/read",
  "config/value/write",
  "config/mcpServer/reload",
  "account/rateLimits/read",
  "fuzzyFileSearch",
  "fuzzyFileSearch/sessionStart",
  "fuzzyFileSearch/sessionUpdate",
  "fuzzyFileSearch/sessionStop",
  "$/cancelRequest",
  "constructor",
  "__proto__",
];
const KEYS = [
  "threadId",
  "turnId",
  "cwd",
  "input",
  "cursor",
  "limit",
  "id",
  "keyPath",
  "__proto__",
  "config",
  "sessionId",
  "query",
];

/** Frames from nearly right to nonsense. `model` is never set, so that no thread can be started in earnest. */
const frames = fc.oneof(
  fc.string(),
  fc.json(),
  fc
    .record(
      {
        jsonrpc: fc.constant("2.0"),
        id: fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.double(), fc.boolean(), fc.anything()),
        method: fc.oneof(fc.constantFrom(...METHODS), fc.string()),
        params: fc.oneof(
          fc.dictionary(
            fc.constantFrom(...KEYS),
            fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.json()),
          ),
          fc.anything(),
        ),
        result: fc.anything(),
        error: fc.anything(),
      },
      { requiredKeys: [] },
    )
    .map((frame) => safeJson(frame)),
);

function safeJson(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (_key, inner) => (typeof inner === "bigint" ? String(inner) : inner)) ?? "null"
    );
  } catch {
    return "{";
  }
}

test("10,000 fuzzed frames: the server answers, stays, and serves the next client as if nothing had been", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await using server = startAppServer(world, [], { TEST_KEY: undefined });
  const { client } = server;
  await client.initialize();
  const lines = fc.sample(frames, { numRuns: 10_000, seed: 4711 }).map((line) => line.replaceAll("\n", " "));
  for (let from = 0; from < lines.length; from += 200) {
    for (const line of lines.slice(from, from + 200)) client.send(line);
    await client.call("thread/loaded/list", {});
  }
  expect(server.child.exitCode).toBe(null);
  const { data } = await client.request("model/list", { limit: 1 });
  expect(data).toHaveLength(1);
  for (const frame of client.frames) {
    if (frame.error)
      expect(frame.error).toEqual({
        code: expect.any(Number),
        message: expect.any(String),
        data: expect.anything(),
      });
  }
  expect(client.frames.filter((frame) => frame.error?.code === -32603)).toEqual([]);
});

test("a line of 1 GB is thrown away as it comes: memory stays bounded and the next line is served", async () => {
  await using world = await execWorld({});
  const socketPath = join(world.home.path, "app.sock");
  await using server = startAppServer(world, ["--listen", `unix://${socketPath}`]);
  await listeningAddress(server);
  const socket = net.connect(socketPath);
  const client = clientOf(socket);
  await client.initialize();
  const chunk = Buffer.alloc(8 * 1024 * 1024, "x");
  for (let sent = 0; sent < 1024; sent += 8) {
    if (!socket.write(chunk)) await new Promise((resolve) => socket.once("drain", resolve));
  }
  socket.write("\n");
  const refused = await client.wait((frame) => frame.error !== undefined);
  expect(refused.error?.data?.code).toBe("frame_too_long");
  expect((await client.request("thread/list", {})).data).toEqual([]);
  expect(await residentMiB(server.child.pid ?? 0)).toBeLessThan(300);
  socket.destroy();
});

test("half-closed, cut and silent connections leave the server as it was", async () => {
  await using world = await execWorld({});
  const socketPath = join(world.home.path, "app.sock");
  await using server = startAppServer(world, ["--listen", `unix://${socketPath}`]);
  await listeningAddress(server);
  const cuts: ((socket: net.Socket) => void)[] = [
    (socket) => socket.end('{"id":1,"method":"initial'),
    (socket) => socket.end('{"id":1,"method":"thread/list"}\n'),
    (socket) => socket.destroy(),
    (socket) => void socket.write(Buffer.from([0xff, 0xfe, 0x0a, 0x00, 0x0a])),
  ];
  const open: net.Socket[] = [];
  for (let round = 0; round < 100; round++) {
    const socket = net.connect(socketPath);
    socket.on("error", () => undefined);
    await new Promise((resolve) => socket.once("connect", resolve));
    cuts[round % cuts.length]?.(socket);
    open.push(socket);
  }
  const socket = net.connect(socketPath);
  const client = clientOf(socket);
  await client.initialize();
  expect((await client.request("thread/list", {})).data).toEqual([]);
  for (const each of [...open, socket]) each.destroy();
});

async function residentMiB(pid: number): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}
