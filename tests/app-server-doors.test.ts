import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import { join } from "node:path";
import { callsTool, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { clientOf, listeningAddress, type RawClient, startAppServer } from "./support/app-server.ts";
import { type ExecWorld, execWorld } from "./support/exec-world.ts";

const ESCALATION = {
  cmd: "echo allowed",
  sandbox_permissions: "require_escalated",
  justification: "to see who answers",
};

async function unixServer(world: ExecWorld) {
  const socketPath = join(world.home.path, "run/app.sock");
  const server = startAppServer(world, ["--listen", `unix://${socketPath}`]);
  await listeningAddress(server);
  return { server, socketPath };
}

async function connect(socketPath: string): Promise<{ client: RawClient; socket: net.Socket }> {
  const socket = net.connect(socketPath);
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  const client = clientOf(socket);
  await client.initialize();
  return { client, socket };
}

test("a unix socket for this user alone; a second server on it is refused, a stale one is replaced", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const { server, socketPath } = await unixServer(world);
  expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
  await using second = startAppServer(world, ["--listen", `unix://${socketPath}`]);
  expect(await second.exited).toBe(2);
  expect(second.stderr()).toContain("another server listens");
  server.child.kill("SIGKILL");
  await server.exited;
  const again = await unixServer(world);
  await using _ = again.server;
  const { client, socket } = await connect(socketPath);
  expect((await client.request("thread/list", {})).data).toEqual([]);
  socket.destroy();
});

test("two clients on one thread: both see everything, the first answer counts, the other is told", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", ESCALATION)],
    script: { afterwards: says("ok") },
  });
  const { server, socketPath } = await unixServer(world);
  await using _ = server;
  const one = await connect(socketPath);
  const two = await connect(socketPath);
  const { thread } = await one.client.request("thread/start", {
    cwd: world.repository.path,
    approvalPolicy: "on-request",
  });
  await two.client.request("thread/resume", { threadId: thread.id });
  const { turn } = await one.client.request("turn/start", {
    threadId: thread.id,
    input: [{ type: "text", text: "go" }],
  });
  const asked = await Promise.all(
    [one, two].map(({ client }) => client.asked("item/commandExecution/requestApproval")),
  );
  expect(asked[0]?.params).toEqual(asked[1]?.params);
  const late = await connect(socketPath);
  await late.client.request("thread/resume", { threadId: thread.id });
  await late.client.asked("item/commandExecution/requestApproval");
  two.client.send({ id: asked[1]?.id ?? null, result: { decision: "accept" } });
  for (const { client } of [one, two, late]) {
    const resolved = await client.notified("serverRequest/resolved");
    expect(resolved.params).toEqual({ threadId: thread.id, requestId: asked[0]?.id });
  }
  one.client.send({ id: asked[0]?.id ?? null, result: { decision: "cancel" } });
  const ends = await Promise.all([one, two].map(({ client }) => client.notified("turn/completed")));
  expect(ends.map((end) => [end.params.turn.id, end.params.turn.status])).toEqual([
    [turn.id, "completed"],
    [turn.id, "completed"],
  ]);
  expect(await two.client.request("thread/unsubscribe", { threadId: thread.id })).toEqual({
    status: "unsubscribed",
  });
  const from = two.client.frames.length;
  await one.client.turn(thread.id, "alone");
  expect(two.client.methods(from)).toEqual([]);
  for (const { socket } of [one, two, late]) socket.destroy();
});

test("a client that leaves in the middle of a turn does not end it; another one finds the result", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd: "sleep 1; echo done > out.txt" })],
    script: { afterwards: says("ok") },
  });
  const { server, socketPath } = await unixServer(world);
  await using _ = server;
  const one = await connect(socketPath);
  const { thread } = await one.client.request("thread/start", { cwd: world.repository.path });
  await one.client.request("turn/start", { threadId: thread.id, input: [{ type: "text", text: "go" }] });
  one.socket.destroy();
  const two = await connect(socketPath);
  await two.client.request("thread/resume", { threadId: thread.id });
  await two.client.notified("turn/completed");
  expect(await world.repository.read("out.txt")).toBe("done\n");
  two.socket.destroy();
});

test("a client that does not read loses deltas, is told so, and never holds a turn up", async () => {
  // More than waits for a client before deltas are left out, and than the sockets hold beside it.
  const flood = says({ deltas: 25_000, chars: 300 });
  await using world = await execWorld({ steps: [flood], script: { afterwards: says("ok") } });
  const { server, socketPath } = await unixServer(world);
  await using _ = server;
  const slow = await connect(socketPath);
  const quick = await connect(socketPath);
  const { thread } = await quick.client.request("thread/start", { cwd: world.repository.path });
  await slow.client.request("thread/resume", { threadId: thread.id });
  slow.socket.pause();
  const { turn } = await quick.client.turn(thread.id, "flood");
  expect(turn.status).toBe("completed");
  slow.socket.resume();
  const end = await slow.client.notified("turn/completed");
  expect(end.params.turn.id).toBe(turn.id);
  const lagged = slow.client.frames.filter((frame) => frame.method === "stream/lagged");
  expect(lagged.length).toBeGreaterThan(0);
  const message = slow.client.frames.find(
    (frame) => frame.method === "item/completed" && frame.params.item.type === "agentMessage",
  );
  expect(message?.params.item.text).toHaveLength(25_000 * 300);
  for (const { socket } of [slow, quick]) socket.destroy();
});

test("WebSocket: only the right token, host and origin come in", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const tokenFile = join(world.home.path, "token");
  await writeFile(tokenFile, "a-token-of-some-length\n", { mode: 0o600 });
  const args = ["--listen", "ws://127.0.0.1:0", "--ws-token-file", tokenFile];
  await using server = startAppServer(world, [...args, "--ws-allow-origin", "https://app.example"]);
  const address = await listeningAddress(server);
  const port = Number(new URL(address).port);
  const cells: [host: string, origin: string | null, token: string | null, status: number][] = [];
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "evil.example", `127.0.0.1:${port + 1}`]) {
    for (const origin of [null, "https://app.example", "https://evil.example", "null"]) {
      for (const token of ["a-token-of-some-length", "a-token-of-some-lengtx", "", null]) {
        const ownHost = host.endsWith(`:${port}`);
        const ownOrigin = origin === null || origin === "https://app.example";
        const status = !ownHost || !ownOrigin ? 403 : token === "a-token-of-some-length" ? 101 : 401;
        cells.push([host, origin, token, status]);
      }
    }
  }
  for (const [host, origin, token, status] of cells) {
    const got = await upgradeStatus(port, host, origin, token);
    expect([host, origin, token, got]).toEqual([host, origin, token, status]);
  }
  expect(await plainStatus(port)).toBe(426);
});

test("WebSocket: the whole protocol runs over it; binary and oversized messages end only that connection", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await using server = startAppServer(world, ["--listen", "ws://127.0.0.1:0"]);
  const address = await listeningAddress(server);
  const tokenFile = join(world.quireHome, "app-server-token");
  expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
  const headers = { authorization: `Bearer ${(await readFile(tokenFile, "utf8")).trim()}` };
  const socket = new WebSocket(address, { headers });
  const frames: { id?: number; method?: string; result?: { thread?: { id: string } } }[] = [];
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const seen = (fits: (frame: (typeof frames)[number]) => boolean) =>
    new Promise<(typeof frames)[number]>((resolve) => {
      const look = () => {
        const frame = frames.find(fits);
        if (frame) resolve(frame);
      };
      socket.on("message", look);
      look();
    });
  socket.on("message", (data) => frames.push(JSON.parse(String(data))));
  const send = (frame: object) => socket.send(JSON.stringify(frame));
  send({ jsonrpc: "2.0", id: 1, method: "initialize", params: { clientInfo: { name: "w", version: "1" } } });
  send({ id: 2, method: "thread/start", params: { cwd: world.repository.path } });
  const started = await seen(({ id }) => id === 2);
  send({
    id: 3,
    method: "turn/start",
    params: { threadId: started.result?.thread?.id, input: [{ type: "text", text: "hi" }] },
  });
  await seen(({ method }) => method === "turn/completed");
  for (const bad of [Buffer.from([1, 2, 3]), "x".repeat(17 * 1024 * 1024)]) {
    const other = new WebSocket(address, { headers });
    await new Promise((resolve) => other.once("open", resolve));
    const closed = new Promise<number>((resolve) => other.once("close", resolve));
    other.on("error", () => undefined);
    other.send(bad);
    expect([1003, 1009, 1006]).toContain(await closed);
  }
  send({ id: 4, method: "thread/loaded/list", params: {} });
  await seen(({ id }) => id === 4);
  socket.close();
});

test("no door without a lock: loose token files, short tokens and foreign addresses without a token are refused", async () => {
  await using world = await execWorld({});
  const tokenFile = join(world.home.path, "token");
  await writeFile(tokenFile, "a-token-of-some-length\n", { mode: 0o644 });
  await chmod(tokenFile, 0o644);
  const refused = async (args: string[], env: object, words: string) => {
    await using server = startAppServer(world, args, env);
    expect(await server.exited).toBe(2);
    expect(server.stderr()).toContain(words);
  };
  const listen = ["--listen", "ws://127.0.0.1:0"];
  await refused([...listen, "--ws-token-file", tokenFile], {}, "can be read by others");
  await refused(listen, { QUIRE_APP_SERVER_TOKEN: "short" }, "16 or more");
  await refused(["--listen", "ws://0.0.0.0:0"], {}, "there is no token");
  await refused(["--listen", "http://127.0.0.1:1"], {}, "cannot listen on");
});

function upgradeStatus(
  port: number,
  host: string,
  origin: string | null,
  token: string | null,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: "127.0.0.1",
      port,
      headers: {
        host,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        ...(origin === null ? {} : { origin }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    request.once("response", (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode);
    });
    request.once("error", reject);
    request.end();
  });
}

function plainStatus(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: "127.0.0.1", port }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
      .once("error", reject);
  });
}
