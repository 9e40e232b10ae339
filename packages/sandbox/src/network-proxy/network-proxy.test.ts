import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { HostAnswer, ProxyDecision } from "./gate.ts";
import { createNetworkProxy, type NetworkProxy, type NetworkProxyOptions } from "./network-proxy.ts";

/** Stands for the internet; every other address is out of bounds. */
const PUBLIC = "127.0.0.1";

let folder = "";
let upstream: http.Server;
let port = 0;
let seen: { line: string; headers: string[]; body: string }[] = [];
let decisions: ProxyDecision[] = [];
const proxies: NetworkProxy[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "quire-proxy-"));
  seen = [];
  decisions = [];
  upstream = http.createServer(async (request, response) => {
    const body = await text(request);
    seen.push({ line: `${request.method} ${request.url}`, headers: request.rawHeaders, body });
    if (request.url === "/redirect") response.writeHead(302, { location: "http://inside.test/" });
    if (request.url === "/cookies")
      response.writeHead(
        200,
        [
          ["set-cookie", "a"],
          ["set-cookie", "b"],
        ].flat(),
      );
    response.end(`answer to ${request.url}`);
  });
  await new Promise<void>((resolve) => upstream.listen(0, PUBLIC, resolve));
  port = (upstream.address() as net.AddressInfo).port;
});

afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function start(
  changes: Partial<NetworkProxyOptions> = {},
): Promise<{ proxy: NetworkProxy; path: string }> {
  const proxy = createNetworkProxy({
    rules: { allow: [`*.test:${port}`] },
    resolve: async (host) => [host.startsWith("inside") ? "127.0.0.2" : PUBLIC],
    reserved: (address) => (address === PUBLIC ? undefined : "not the test's internet"),
    onDecision: (decision) => decisions.push(decision),
    ...changes,
  });
  proxies.push(proxy);
  const path = join(folder, `${proxies.length}.sock`);
  await proxy.listen(path);
  return { proxy, path };
}

/** Sends bytes as they are and returns everything that comes back until the connection ends. */
async function raw(path: string, ...parts: (string | Uint8Array)[]): Promise<string> {
  const socket = net.connect(path);
  socket.on("error", () => undefined);
  for (const part of parts) socket.write(part);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  await new Promise((resolve) => socket.once("close", resolve));
  return Buffer.concat(chunks).toString("latin1");
}

const get = (authority: string, path = "/", more = ""): string =>
  `GET http://${authority}${path} HTTP/1.1\r\nHost: ${authority}\r\n${more}\r\n`;
const connect = (authority: string, more = ""): string =>
  `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${more}\r\n`;

test("a plain request is written anew for the host", async () => {
  const { path, proxy } = await start();
  const answer = await raw(
    path,
    get(
      `Web.TEST:${port}`,
      "/a?b=c",
      "X-Mine: 1\r\nProxy-Authorization: x\r\nConnection: x-hop\r\nX-Hop: 2\r\n__proto__: 3\r\n",
    ),
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).toMatch(/answer to \/a\?b=c$/);
  expect(seen).toEqual([
    {
      line: "GET /a?b=c",
      headers: ["host", `web.test:${port}`, "x-mine", "1", "__proto__", "3", "connection", "close"],
      body: "",
    },
  ]);
  expect(decisions).toEqual([
    {
      host: "web.test",
      port,
      address: PUBLIC,
      verdict: "allow",
      rule: `allow *.test:${port}`,
      method: "http",
    },
  ]);
  expect(proxy.totals).toMatchObject({ connections: 1, turnedAway: 0 });
  await expect.poll(() => proxy.totals.sentBytes).toBeGreaterThan(60);
  expect(proxy.totals.receivedBytes).toBeGreaterThan(60);
});

test("bodies of both framings and repeated response fields get through", async () => {
  const { path } = await start();
  const head = `POST http://web.test:${port}/p HTTP/1.1\r\nHost: web.test:${port}\r\n`;
  await raw(path, `${head}Content-Length: 5\r\n\r\nhello`);
  await raw(path, `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`);
  expect(seen.map(({ body }) => body)).toEqual(["hello", "hello"]);
  expect(await raw(path, get(`web.test:${port}`, "/cookies"))).toMatch(/set-cookie: a\r\nset-cookie: b\r\n/i);
});

test("CONNECT joins the connections", async () => {
  const { path, proxy } = await start();
  const answer = await raw(path, connect(`web.test:${port}`), "GET /inside HTTP/1.0\r\n\r\n");
  expect(answer).toMatch(
    /^HTTP\/1\.1 200 Connection established\r\n\r\nHTTP\/1\.1 200 OK[\s\S]*answer to \/inside$/,
  );
  expect(decisions).toMatchObject([{ method: "connect", verdict: "allow" }]);
  await expect.poll(() => proxy.totals.sentBytes).toBe(24);
});

function socks(address: Uint8Array, toPort = port): Buffer {
  const tail = Buffer.alloc(2);
  tail.writeUInt16BE(toPort);
  return Buffer.concat([Buffer.from([5, 1, 0, 5, 1, 0]), address, tail]);
}
const socksName = (name: string) => Buffer.concat([Buffer.from([3, name.length]), Buffer.from(name)]);

test("SOCKS 5 works by name, also when it arrives byte by byte", async () => {
  const { path } = await start();
  const socket = net.connect(path);
  const received = text(socket);
  for (const byte of socks(socksName("web.test"))) {
    socket.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.write("GET /socks HTTP/1.0\r\n\r\n");
  const bytes = Buffer.from(await received, "latin1");
  expect([...bytes.subarray(0, 12)]).toEqual([5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  expect(bytes.subarray(12).toString()).toMatch(/^HTTP\/1\.1 200[\s\S]*answer to \/socks$/);
  expect(decisions).toMatchObject([{ method: "socks5", host: "web.test", verdict: "allow" }]);
});

test.each<[string, () => Buffer, number, boolean]>([
  ["a name no rule names", () => socks(socksName("other.example")), 2, true],
  ["an IPv4 address", () => socks(Buffer.from([1, 127, 0, 0, 1])), 2, true],
  ["a mapped address", () => socks(Buffer.from([4, ...Array(10).fill(0), 255, 255, 127, 0, 0, 1])), 2, true],
  ["BIND", () => Buffer.from([5, 1, 0, 5, 2, 0, 1, 127, 0, 0, 1, 0, 80]), 7, false],
  ["UDP", () => Buffer.from([5, 1, 0, 5, 3, 0, 1, 127, 0, 0, 1, 0, 80]), 7, false],
  ["an unknown kind of address", () => Buffer.from([5, 1, 0, 5, 1, 0, 9, 0, 0, 0, 0]), 8, false],
])("SOCKS refuses %s", async (_name, bytes, code, denied) => {
  const { path } = await start();
  const answer = Buffer.from(await raw(path, bytes()), "latin1");
  expect([answer[0], answer[1], answer[3]]).toEqual([5, 0, code]);
  expect(decisions.map((decision) => decision.rule)).toEqual(denied ? [`no rule allows port ${port}`] : []);
});

test("a client that insists on a password, or speaks SOCKS 4, is sent away", async () => {
  const { path } = await start();
  expect(await raw(path, Buffer.from([5, 1, 2]))).toBe("\x05\xff");
  expect(await raw(path, Buffer.from([4, 1, 0, 80, 1, 1, 1, 1, 0]))).toMatch(/^HTTP\/1\.1 400/);
});

test("a name is refused when any of its addresses is not public, whatever it was before", async () => {
  const answers = [[PUBLIC], [PUBLIC, "127.0.0.2"], ["127.0.0.2"], []];
  const { path } = await start({ resolve: async () => answers.shift() ?? [] });
  const statuses: string[] = [];
  for (let turn = 0; turn < 4; turn++) {
    statuses.push((await raw(path, get(`rebind.test:${port}`))).slice(9, 12));
  }
  expect(statuses).toEqual(["200", "403", "403", "502"]);
  expect(decisions.map(({ address, verdict }) => [address, verdict])).toEqual([
    [PUBLIC, "allow"],
    ["127.0.0.2", "deny"],
    ["127.0.0.2", "deny"],
    [null, "deny"],
  ]);
  expect(seen).toHaveLength(1);
});

test("the real check keeps every spelling of an inside address out, even where rules allow all", async () => {
  const { path } = await start({
    rules: { allow: ["*:*", "127.0.0.1:*"] },
    reserved: (await import("./addresses.ts")).reservedAddress,
    resolve: async () => ["127.0.0.1"],
  });
  const hosts = [
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "2130706433",
    "0177.0.0.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "localhost",
    "127.0.0.1.",
  ];
  hosts.push("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "169.254.169.254", "[fd00:ec2::254]", "0.0.0.0", "[::]");
  for (const host of hosts) {
    expect(await raw(path, get(`${host}:${port}`)), host).toMatch(/^HTTP\/1\.1 (?:403|400)/);
    expect(await raw(path, connect(`${host}:${port}`)), host).toMatch(/^HTTP\/1\.1 (?:403|400)/);
  }
  expect(seen).toEqual([]);
  expect(decisions.every(({ verdict }) => verdict === "deny")).toBe(true);
});

test("a redirect to the inside reaches the client, and the inside stays closed", async () => {
  const { path } = await start();
  expect(await raw(path, get(`web.test:${port}`, "/redirect"))).toMatch(/location: http:\/\/inside\.test\//i);
  expect(await raw(path, get(`inside.test:${port}`))).toMatch(/^HTTP\/1\.1 403[\s\S]*not public/);
});

test("the user is asked once about a host and about each port that is none of the web, however many connections wait", async () => {
  const asked: string[] = [];
  let answer: (said: HostAnswer) => void = () => undefined;
  const { path } = await start({
    rules: { allow: [] },
    ask: (question) => {
      asked.push(`${question.host}:${question.port}`);
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
  });
  const waiting = [
    raw(path, get("new.test")),
    raw(path, get("NEW.test.")),
    raw(path, connect("new.test:443")),
  ];
  await expect.poll(() => asked.length).toBe(1);
  answer({ verdict: "deny", rule: "the user did not allow it" });
  expect((await Promise.all(waiting)).map((text) => text.slice(9, 12))).toEqual(["403", "403", "403"]);
  const unusual = [raw(path, get("new.test:8080")), raw(path, connect("new.test:8080"))];
  await expect.poll(() => asked).toEqual(["new.test:80", "new.test:8080"]);
  answer({ verdict: "deny", rule: "the user did not allow it" });
  expect((await Promise.all(unusual)).map((text) => text.slice(9, 12))).toEqual(["403", "403"]);
  // Whoever answers remembers what holds longer.
  const later = raw(path, get("new.test"));
  await expect.poll(() => asked.length).toBe(3);
  answer({ verdict: "deny", rule: "the user did not allow it" });
  expect(await later).toMatch(/the user did not allow it/);
});

test("what an answer could not open is not asked about", async () => {
  const asked: string[] = [];
  const { path } = await start({
    rules: { allow: [] },
    ask: async ({ host }) => {
      asked.push(host);
      return { verdict: "allow", rule: "the user allowed it" };
    },
  });
  for (const host of ["127.0.0.2", "localhost", "[::1]", "10.0.0.5", "192.168.1.1", "169.254.169.254"]) {
    for (const at of [80, port, 5432]) {
      expect(await raw(path, connect(`${host}:${at}`)), host).toMatch(/^HTTP\/1\.1 403[\s\S]*not public/);
    }
  }
  expect(asked).toEqual([]);
});

test("a question that fails is a refusal, and may be asked again", async () => {
  let turns = 0;
  const { path } = await start({
    rules: { allow: [] },
    ask: async () => {
      turns++;
      throw new Error("nobody there");
    },
  });
  expect(await raw(path, get("new.test"))).toMatch(/^HTTP\/1\.1 403/);
  expect(await raw(path, get("new.test"))).toMatch(/^HTTP\/1\.1 403/);
  expect(turns).toBe(2);
});

test("a command cannot bury the user in questions", async () => {
  const asked: string[] = [];
  const { path, proxy } = await start({
    rules: { allow: [] },
    ask: ({ host }) => {
      asked.push(host);
      return new Promise(() => undefined);
    },
  });
  const answers = Array.from({ length: 20 }, (_, turn) => raw(path, get(`host-${turn}.test`)));
  await expect.poll(() => decisions.length).toBe(12);
  expect(asked).toHaveLength(8);
  await proxy.close();
  const refused = (await Promise.all(answers)).filter((text) => text.includes("too many hosts wait"));
  expect(refused).toHaveLength(12);
});

test("whatever bytes come, nothing breaks and nothing but an allowed host is reached", async () => {
  const { path } = await start({ limits: { requestHeadMs: 100 } });
  const token = fc.constantFrom(
    ...[
      "GET ",
      "POST ",
      "CONNECT ",
      `http://web.test:${port}/`,
      `inside.test:${port}`,
      " HTTP/1.1",
      "\r\n",
      "\n",
      "\r",
    ],
    ...[
      `Host: web.test:${port}`,
      "Content-Length: 5",
      "Transfer-Encoding: chunked",
      "0\r\n\r\n",
      "\x05\x01\0",
      "\0",
      ":",
    ],
  );
  const bytes = fc
    .array(fc.oneof(token, fc.string({ maxLength: 5 })), { maxLength: 12 })
    .map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: 8, maxLength: 8 }), async (texts) => {
      await Promise.all(texts.map((text) => raw(path, Buffer.from(text, "latin1"))));
    }),
    { numRuns: 15 },
  );
  expect(decisions.filter(({ host, verdict }) => verdict === "allow" && host !== "web.test")).toEqual([]);
  expect(await raw(path, get(`web.test:${port}`))).toMatch(/^HTTP\/1\.1 200/);
});

test("what cannot be recorded does not happen", async () => {
  const { path } = await start({
    onDecision: () => {
      throw new Error("disk full");
    },
  });
  expect(await raw(path, get(`web.test:${port}`))).toMatch(/^HTTP\/1\.1 403[\s\S]*could not be recorded/);
  expect(seen).toEqual([]);
});

test.each<[string, (authority: string) => string]>([
  ["Host against CONNECT", (to) => `CONNECT ${to} HTTP/1.1\r\nHost: other.test\r\n\r\n`],
  ["Host against the address", (to) => `GET http://${to}/ HTTP/1.1\r\nHost: other.test\r\n\r\n`],
  ["two Hosts", (to) => `GET http://${to}/ HTTP/1.1\r\nHost: ${to}\r\nHost: ${to}\r\n\r\n`],
  ["no absolute address", (to) => `GET / HTTP/1.1\r\nHost: ${to}\r\n\r\n`],
  ["a user name", (to) => `GET http://web.test@${to}/ HTTP/1.1\r\nHost: ${to}\r\n\r\n`],
  ["https in the address", (to) => `GET https://${to}/ HTTP/1.1\r\nHost: ${to}\r\n\r\n`],
  ["CONNECT without a port", () => "CONNECT web.test HTTP/1.1\r\nHost: web.test\r\n\r\n"],
  [
    "both framings",
    (to) =>
      `POST http://${to}/ HTTP/1.1\r\nHost: ${to}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    "two lengths",
    (to) =>
      `POST http://${to}/ HTTP/1.1\r\nHost: ${to}\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`,
  ],
  [
    "an obfuscated coding",
    (to) => `POST http://${to}/ HTTP/1.1\r\nHost: ${to}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    "a second coding",
    (to) => `POST http://${to}/ HTTP/1.1\r\nHost: ${to}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    "a space before the colon",
    (to) => `POST http://${to}/ HTTP/1.1\r\nHost: ${to}\r\nContent-Length : 4\r\n\r\nabcd`,
  ],
  ["a folded field", (to) => `GET http://${to}/ HTTP/1.1\r\nHost: ${to}\r\nX-A: b\r\n folded\r\n\r\n`],
  ["a bare carriage return", (to) => `GET http://${to}/ HTTP/1.1\r\nHost: ${to}\r\nX-A: b\rX-C: d\r\n\r\n`],
  ["a NUL", (to) => `GET http://${to}/ HTTP/1.1\r\nHost: ${to}\r\nX-A: \0\r\n\r\n`],
  [
    "a bad chunk length",
    (to) =>
      `POST http://${to}/ HTTP/1.1\r\nHost: ${to}\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n`,
  ],
  ["TRACE", (to) => `TRACE http://${to}/ HTTP/1.1\r\nHost: ${to}\r\n\r\n`],
])("%s is refused before anything reaches a host", async (_name, request) => {
  const { path } = await start();
  const answer = await raw(path, request(`web.test:${port}`));
  expect(answer === "" || /^HTTP\/1\.1 (?:4\d\d|502)/.test(answer), answer).toBe(true);
  expect(seen).toEqual([]);
});

test("a second request on the same connection is not served", async () => {
  const { path } = await start();
  const answer = await raw(path, get(`web.test:${port}`, "/one"), get(`web.test:${port}`, "/two"));
  expect(answer).toContain("answer to /one");
  expect(seen.map(({ line }) => line)).toEqual(["GET /one"]);
});

test("large heads and slow ones are cut off", async () => {
  const { path, proxy } = await start({ limits: { headerBytes: 4096, requestHeadMs: 200 } });
  expect(await raw(path, get(`web.test:${port}`, "/", `X: ${"y".repeat(5000)}\r\n`))).toMatch(
    /^HTTP\/1\.1 431/,
  );
  const started = performance.now();
  const slow = net.connect(path);
  slow.on("error", () => undefined);
  const dripping = setInterval(() => slow.write("G"), 20);
  const silent = raw(path);
  const halfSocks = raw(path, Buffer.from([5]));
  await Promise.all([new Promise((resolve) => slow.once("close", resolve)), silent, halfSocks]);
  clearInterval(dripping);
  expect(performance.now() - started).toBeLessThan(15_000);
  expect(proxy.totals.connections).toBe(4);
  expect(seen).toEqual([]);
});

test("a silent tunnel and a host that never answers are ended", async () => {
  const mute = net.createServer((socket) => socket.on("error", () => undefined).resume());
  await new Promise<void>((resolve) => mute.listen(0, PUBLIC, resolve));
  const mutePort = (mute.address() as net.AddressInfo).port;
  const { path } = await start({
    rules: { allow: [`*.test:${mutePort}`] },
    limits: { idleMs: 200, responseHeadMs: 150 },
  });
  expect(await raw(path, connect(`web.test:${mutePort}`))).toMatch(/^HTTP\/1\.1 200 /);
  expect(await raw(path, get(`web.test:${mutePort}`))).toMatch(
    /^HTTP\/1\.1 502[\s\S]*did not answer in time/,
  );
  await new Promise((resolve) => mute.close(resolve));
});

test("connections beyond the bound are closed, and room comes back", async () => {
  const { path, proxy } = await start({ limits: { connections: 2 } });
  const held = [net.connect(path), net.connect(path)];
  await expect.poll(() => proxy.totals.connections).toBe(2);
  expect(await raw(path, get(`web.test:${port}`))).toBe("");
  expect(proxy.totals.turnedAway).toBe(1);
  for (const socket of held) socket.destroy();
  await expect.poll(async () => (await raw(path, get(`web.test:${port}`))).slice(9, 12)).toBe("200");
});

test("closing ends tunnels and questions, may be done twice, and is one proxy's own", async () => {
  const first = await start();
  const other = await start();
  const tunnel = raw(first.path, connect(`web.test:${port}`));
  await expect.poll(() => decisions.length).toBe(1);
  await first.proxy.close();
  await first.proxy.close();
  await tunnel;
  expect(await raw(first.path, get(`web.test:${port}`))).toBe("");
  expect(await raw(other.path, get(`web.test:${port}`))).toMatch(/^HTTP\/1\.1 200/);
});

test("a folder that others may enter is no place to listen, and bad rules are no rules", async () => {
  const proxy = createNetworkProxy({ rules: { allow: [] }, onDecision: () => undefined });
  await expect(proxy.listen("/tmp/quire-proxy-test.sock")).rejects.toThrow(/can be entered by others/);
  expect(() => createNetworkProxy({ rules: { allow: ["a b"] }, onDecision: () => undefined })).toThrow(
    /"a b"/,
  );
});
