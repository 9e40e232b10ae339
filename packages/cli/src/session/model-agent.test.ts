import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import type { AddressInfo, Server } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { createModelClient, type EndpointOptions, type ModelEvent } from "@quire/models";
import { temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { openModelAgent } from "./model-agent.ts";

const run = promisify(execFile);
const ANSWER =
  'data: {"id":"1","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

async function listen<S extends Server>(server: S): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function ask(baseUrl: string, agent: http.Agent | null): Promise<readonly ModelEvent[]> {
  const options: EndpointOptions = {
    provider: "p",
    baseUrl,
    auth: { kind: "none" },
    retries: { request: 0, stream: 0 },
    ...(agent === null ? {} : { agent }),
  };
  const client = await createModelClient("chat", options, {
    monotonicMs: () => performance.now(),
    nowMs: () => Date.now(),
    random: Math.random,
    setTimer: (callback, ms) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    sleep: async () => {},
  });
  const events: ModelEvent[] = [];
  const request = {
    model: "m",
    instructions: "x",
    input: [],
    tools: [],
    parallelToolCalls: true,
    promptCacheKey: "k",
  };
  for await (const event of client.stream(request, { signal: new AbortController().signal }))
    events.push(event);
  client.close();
  agent?.destroy();
  return events;
}

test("an endpoint with an authority of our own is trusted only with its file, through a proxy too", async () => {
  await using folder = await temporaryDirectory("quire-ca-");
  const [key, pem] = [join(folder.path, "key.pem"), join(folder.path, "cert.pem")];
  await run("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", pem],
  ]);
  const server = https.createServer(
    { key: await readFile(key), cert: await readFile(pem) },
    (request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "text/event-stream" }).end(ANSWER);
    },
  );
  const asked: (string | undefined)[] = [];
  const proxy = http.createServer();
  proxy.on("connect", (request, socket) => {
    asked.push(request.url);
    const [, port] = (request.url ?? "").split(":");
    const out = connect(Number(port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      out.pipe(socket).pipe(out);
    });
    out.on("error", () => socket.destroy());
    socket.on("error", () => out.destroy());
  });
  const [port, proxyPort] = [await listen(server), await listen(proxy)];
  const url = `https://localhost:${port}/v1`;
  const distrusted = await ask(url, null);
  const trusted = await ask(url, await openModelAgent({ file: pem, proxy: null, secure: true }));
  const through = new URL(`http://127.0.0.1:${proxyPort}`);
  const proxied = await ask(url, await openModelAgent({ file: pem, proxy: through, secure: true }));
  server.closeAllConnections();
  server.close();
  proxy.closeAllConnections();
  proxy.close();
  expect(distrusted.at(-1)).toMatchObject({
    type: "failed",
    error: { code: "model_unreachable", next_step: expect.stringContaining("ca_certificate") },
  });
  expect(trusted.at(-1)?.type).toBe("completed");
  expect(proxied.at(-1)?.type).toBe("completed");
  expect(asked).toEqual([`localhost:${port}`]);
});

test("a file that is no certificate is refused with its name", async () => {
  await using folder = await temporaryDirectory("quire-ca-");
  const file = join(folder.path, "x.pem");
  await expect(openModelAgent({ file, proxy: null, secure: true })).rejects.toThrow(/x\.pem cannot be used/);
  await writeFile(file, "hello");
  await expect(openModelAgent({ file, proxy: null, secure: true })).rejects.toThrow(/no PEM certificate/);
});
