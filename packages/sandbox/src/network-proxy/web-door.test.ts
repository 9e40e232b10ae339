import http from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { HostQuestion, ProxyDecision } from "./gate.ts";
import type { NetworkProxyOptions } from "./network-proxy.ts";
import { openWebDoor, type WebAnswer, type WebRequest } from "./web-door.ts";

/** Stands for the internet; every other address is out of bounds. */
const PUBLIC = "127.0.0.1";

let server: http.Server;
let port = 0;
let seen: { url: string; headers: http.IncomingHttpHeaders }[] = [];
let decisions: [ProxyDecision, string | null][] = [];
let answer: http.RequestListener = (_request, response) => response.end();

beforeEach(async () => {
  seen = [];
  decisions = [];
  server = http.createServer((request, response) => {
    seen.push({ url: request.url ?? "", headers: request.headers });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, PUBLIC, resolve));
  // `address()` gives text only for pipes.
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function door(changes: Partial<NetworkProxyOptions> = {}) {
  return openWebDoor({
    rules: { allow: [`*.test:${port}`] },
    resolve: async (host) => (host.startsWith("inside") ? ["127.0.0.2"] : [PUBLIC]),
    reserved: (address) => (address === PUBLIC ? undefined : "not the test's internet"),
    onDecision: (decision, origin) => decisions.push([decision, origin]),
    ...changes,
  });
}

async function get(
  url: string,
  changes: Partial<WebRequest> = {},
  options: Partial<NetworkProxyOptions> = {},
): Promise<WebAnswer> {
  return door(options).get({
    url: new URL(url),
    itemId: "item",
    signal: new AbortController().signal,
    maxBytes: 1_000,
    timeoutMs: 30_000,
    accepts: (type) => type.startsWith("text/"),
    ...changes,
  });
}

const page = (path = "") => `http://a.test:${port}/${path}`;

function sends(body: string | Buffer, headers: http.OutgoingHttpHeaders = {}): http.RequestListener {
  return (_request, response) =>
    response.writeHead(200, { "content-type": "text/html", ...headers }).end(body);
}

test("a page of an allowed host, the decision recorded for its item", async () => {
  answer = sends("hello", { "content-type": "Text/HTML; charset=utf-8" });
  expect(await get(page("x?y=1"))).toEqual({
    kind: "answered",
    url: new URL(page("x?y=1")),
    status: 200,
    contentType: "text/html; charset=utf-8",
    body: { bytes: Buffer.from("hello"), cut: false },
  });
  expect(seen).toMatchObject([{ url: "/x?y=1", headers: { host: `a.test:${port}` } }]);
  expect(decisions).toEqual([
    [
      {
        host: "a.test",
        port,
        method: "http",
        address: PUBLIC,
        verdict: "allow",
        rule: `allow *.test:${port}`,
      },
      "item",
    ],
  ]);
});

test.each([
  ["http://other.example/", "no rule allows it"],
  ["http://inside.test:PORT/", "its address is not public"],
  ["http://127.0.0.1:PORT/", "no rule allows port"],
  ["http://169.254.169.254/latest/meta-data", "no rule allows it"],
])("%s is refused like a command's request, and nothing is contacted", async (url, why) => {
  const refused = await get(url.replace("PORT", String(port)));
  expect(refused).toEqual({ kind: "refused", message: expect.stringContaining(why) });
  expect(seen).toEqual([]);
});

test("every hop of a redirect is judged, and what is given for the first host stays there", async () => {
  const headers = { "x-key": "secret" };
  const to =
    (location: string): http.RequestListener =>
    (request, response) =>
      request.url === "/" ? response.writeHead(302, { location }).end() : sends("there")(request, response);
  answer = to("/next");
  expect(await get(page(), { headers })).toMatchObject({ kind: "answered", url: new URL(page("next")) });
  expect(seen.map(({ headers: sent }) => sent["x-key"])).toEqual(["secret", "secret"]);
  answer = to(`http://b.test:${port}/there`);
  expect(await get(page(), { headers })).toMatchObject({ kind: "answered" });
  expect(seen.at(-1)?.headers["x-key"]).toBeUndefined();
  answer = to(`http://inside.test:${port}/there`);
  expect(await get(page())).toMatchObject({ kind: "refused" });
  answer = to("http://169.254.169.254/");
  expect(await get(page())).toMatchObject({ kind: "refused" });
  answer = to("file:///etc/passwd");
  expect(await get(page())).toMatchObject({
    kind: "failed",
    message: expect.stringContaining("only http and https"),
  });
  answer = (_request, response) => void response.writeHead(302, { location: "/" }).end();
  expect(await get(page())).toMatchObject({
    kind: "failed",
    message: expect.stringContaining("5 redirects"),
  });
});

test("a host that no rule names is asked about once, whoever waits", async () => {
  const questions: HostQuestion[] = [];
  const own = door({
    reserved: () => undefined,
    // Nothing answers there: what counts is that it was tried after the answer.
    resolve: async () => ["127.0.0.9"],
    ask: async (question) => {
      questions.push(question);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { verdict: "allow", rule: "the user allowed it" };
    },
  });
  const ask = () =>
    own.get({
      url: new URL("https://new.example/"),
      itemId: "item",
      signal: new AbortController().signal,
      maxBytes: 10,
      timeoutMs: 30_000,
      accepts: () => true,
    });
  const answers = await Promise.all([ask(), ask()]);
  expect(answers).toMatchObject([{ kind: "failed" }, { kind: "failed" }]);
  expect(questions).toEqual([{ host: "new.example", port: 443, method: "connect", origin: "item" }]);
  expect(decisions.map(([{ verdict }]) => verdict)).toEqual(["allow", "allow"]);
});

test("bodies are decoded and cut, also those that unpack to much more", async () => {
  const long = Buffer.alloc(5_000_000, "x");
  for (const [encoding, body] of [
    ["gzip", gzipSync(long)],
    ["br", brotliCompressSync(long)],
  ] as const) {
    answer = sends(body, { "content-encoding": encoding });
    expect(await get(page())).toMatchObject({ body: { bytes: Buffer.alloc(1_000, "x"), cut: true } });
  }
  answer = sends(gzipSync("short"), { "content-encoding": "gzip" });
  expect(await get(page())).toMatchObject({ body: { bytes: Buffer.from("short"), cut: false } });
  answer = sends("no zip", { "content-encoding": "gzip" });
  expect(await get(page())).toMatchObject({ kind: "failed" });
  answer = sends("x", { "content-encoding": "zstd" });
  expect(await get(page())).toMatchObject({ kind: "failed", message: expect.stringContaining("zstd") });
});

test("other types, silence, interruptions and addresses with passwords are said", async () => {
  answer = sends("x", { "content-type": "image/png" });
  expect(await get(page())).toMatchObject({ kind: "failed", message: expect.stringContaining("image/png") });
  expect(await get(`http://user:secret@a.test:${port}/`)).toMatchObject({
    kind: "failed",
    message: expect.not.stringContaining("secret"),
  });
  expect(await get("ftp://a.test/")).toMatchObject({ kind: "failed" });
  answer = () => {};
  expect(await get(page(), { timeoutMs: 50 })).toMatchObject({
    kind: "failed",
    message: expect.stringContaining("did not answer within 0.05 seconds"),
  });
  const stop = new AbortController();
  answer = () => stop.abort();
  expect(await get(page(), { signal: stop.signal })).toEqual({
    kind: "failed",
    message: "The fetch was interrupted.",
  });
  answer = (request) => request.socket.destroy();
  expect(await get(page())).toMatchObject({ kind: "failed" });
});
