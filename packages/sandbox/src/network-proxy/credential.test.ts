import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ProxyDecision } from "./gate.ts";
import { createNetworkProxy, type NetworkProxy, type NetworkProxyOptions } from "./network-proxy.ts";

const SECRET = "ghp_0123456789abcdef";
let folder = "";
let upstream: https.Server;
let port = 0;
let certificate = "";
let seen: http.IncomingHttpHeaders[] = [];
let decisions: ProxyDecision[] = [];
let proxy: NetworkProxy;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "quire-credential-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=api.test", "-addext", "subjectAltName=DNS:api.test"];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync("openssl", ["req", ...kind, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  certificate = readFileSync(cert, "utf8");
  upstream = https.createServer({ key: readFileSync(key), cert: certificate }, (request, response) => {
    seen.push(request.headers);
    const { authorization = "" } = request.headers;
    if (request.url === "/zipped") {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(authorization));
    } else if (request.url === "/moved") {
      response.writeHead(301, { location: `https://api.test:${port}/new?x=1` }).end();
    } else if (request.url === "/away") {
      response.writeHead(301, { location: "https://other.test/" }).end();
    } else {
      response.writeHead(200, { "x-echo": authorization });
      response.write(`you sent ${authorization.slice(0, 12)}`);
      response.end(`${authorization.slice(12)} and ${JSON.stringify(request.headers)}`);
    }
  });
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  port = (upstream.address() as AddressInfo).port;
});

afterEach(async () => {
  await proxy.close();
  seen = [];
  decisions = [];
});

afterAll(async () => {
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function ask(
  path: string,
  headers: http.OutgoingHttpHeaders = {},
  changes: Partial<NetworkProxyOptions> = {},
  host = "api.test",
): Promise<{ status: number | undefined; headers: http.IncomingHttpHeaders; body: string }> {
  proxy = createNetworkProxy({
    rules: {
      allow: [`*.test:${port}`],
      credentials: [{ host: "API.test", port, headers: { Authorization: `Bearer ${SECRET}` } }],
    },
    resolve: async () => ["127.0.0.1"],
    reserved: () => undefined,
    onDecision: (decision) => decisions.push(decision),
    certificates: [certificate],
    ...changes,
  });
  const socketPath = join(folder, "proxy.sock");
  await proxy.listen(socketPath);
  const request = http.request({ socketPath, path: `http://${host}${path}`, headers: { host, ...headers } });
  request.end();
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", reject);
  });
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

test("the host gets the credential over HTTPS, and the command gets asterisks", async () => {
  const answer = await ask("/echo", { authorization: "Bearer mine", "accept-encoding": "gzip" });
  expect(seen).toEqual([
    {
      host: `api.test:${port}`,
      authorization: `Bearer ${SECRET}`,
      "accept-encoding": "identity",
      connection: "close",
    },
  ]);
  const masked = "*".repeat(`Bearer ${SECRET}`.length);
  expect(answer.headers["x-echo"]).toBe(masked);
  expect(answer.body).toMatch(`you sent ${masked} and `);
  expect(answer.body).not.toContain(SECRET);
  expect(decisions).toEqual([
    {
      host: "api.test",
      port,
      address: "127.0.0.1",
      verdict: "allow",
      rule: `allow *.test:${port}`,
      method: "credential",
    },
  ]);
});

test("a body that could hide the credential is not passed on", async () => {
  const answer = await ask("/zipped");
  expect(answer).toMatchObject({ status: 502, body: expect.stringMatching(/encoded body/) });
});

test("a redirect on the same host keeps its form, one elsewhere is left alone", async () => {
  expect((await ask("/moved")).headers.location).toBe("http://api.test/new?x=1");
  await proxy.close();
  expect((await ask("/away")).headers.location).toBe("https://other.test/");
});

test("a host without a valid certificate gets nothing", async () => {
  const answer = await ask("/echo", {}, { certificates: [] });
  expect(answer).toMatchObject({ status: 502, body: expect.stringMatching(/certificate/) });
  await proxy.close();
  const wrongName = {
    rules: { allow: ["*:*"], credentials: [{ host: "else.test", port, headers: { "x-key": SECRET } }] },
  };
  expect(await ask("/echo", {}, wrongName, "else.test")).toMatchObject({ status: 502 });
  expect(seen).toEqual([]);
});

test("a credential does not allow its host", async () => {
  const rules = { allow: [], credentials: [{ host: "api.test", port, headers: { "x-key": SECRET } }] };
  expect(await ask("/echo", {}, { rules })).toMatchObject({ status: 403 });
  expect(JSON.stringify(decisions)).not.toContain(SECRET);
});

test("other hosts get no credential", async () => {
  const plain = http.createServer((request, response) => response.end(JSON.stringify(request.headers)));
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const plainPort = (plain.address() as AddressInfo).port;
  const rules = { allow: ["*:*"], credentials: [{ host: "api.test", port, headers: { "x-key": SECRET } }] };
  for (const host of [`sub.api.test:${plainPort}`, `api.test:${plainPort}`]) {
    expect((await ask("/", {}, { rules }, host)).body).not.toContain(SECRET);
    await proxy.close();
  }
  await new Promise((resolve) => plain.close(resolve));
});
