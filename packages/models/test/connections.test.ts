import { Agent, createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { fault, says, scriptedResponses } from "@quire/test-support";
import { expect, test } from "vitest";
import type { EndpointOptions } from "../src/endpoint.ts";
import type { ModelClient } from "../src/model-client.ts";
import { createModelClient, wireApiNames } from "../src/providers/registry.ts";
import { createResponsesClient } from "../src/providers/responses/client.ts";
import { collect, outline, request, textOf } from "./calls.ts";
import { processDeps } from "./process-deps.ts";

function client(baseUrl: string, options: Partial<EndpointOptions> = {}): ModelClient & Disposable {
  const made = createResponsesClient(
    { provider: "p", baseUrl, auth: { kind: "none" }, ...options },
    processDeps({ sleep: async () => {} }),
  );
  return { ...made, [Symbol.dispose]: () => made.close() };
}

/** A server for what a scripted one does not do. */
async function httpServer(
  listener: RequestListener,
): Promise<{ server: Server; url: string } & AsyncDisposable> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    server,
    url: `http://127.0.0.1:${port}/v1`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const COMPLETED =
  'data: {"type":"response.completed","response":{"id":"r","output":[{"type":"message","role":"assistant","content":[]}]}}\n\n';

test("a request carries the key, the configured headers and parameters, and nothing of ours that was not asked for", async () => {
  await using server = await scriptedResponses([says("hi")]);
  using made = client(`${server.url}/`, {
    auth: { kind: "bearer", token: "the-key", source: "X" },
    headers: { "X-Team": "blue", "User-Agent": "other/1" },
    queryParams: { "api-version": "2026-01-01" },
    userAgent: "quire/0.1.0",
  });
  await collect(made);
  const { headers, path, raw } = server.requests[0] ?? { headers: {}, path: "", raw: Buffer.alloc(0) };
  expect(path).toBe("/v1/responses?api-version=2026-01-01");
  expect(headers).toEqual({
    accept: "text/event-stream",
    authorization: "Bearer the-key",
    connection: "keep-alive",
    "content-length": String(raw.length),
    "content-type": "application/json",
    host: `127.0.0.1:${server.port}`,
    "user-agent": "other/1",
    "x-team": "blue",
  });
});

test("a kept connection that the server has closed meanwhile costs no retry", async () => {
  const served = new Map<object, number>();
  await using server = await httpServer((incoming, response) => {
    const before = served.get(incoming.socket) ?? 0;
    served.set(incoming.socket, before + 1);
    if (before > 0) incoming.socket.resetAndDestroy();
    else
      incoming
        .resume()
        .on("end", () => response.setHeader("content-type", "text/event-stream").end(COMPLETED));
  });
  using made = client(server.url);
  const shown = [outline(await collect(made)), outline(await collect(made))];
  expect(shown).toEqual([
    ["done message ", "completed"],
    ["done message ", "completed"],
  ]);
  expect([...served.values()]).toEqual([2, 1]);
});

test("an endpoint that does not speak TLS is unreachable, told with a cause and tried again", async () => {
  await using server = await scriptedResponses([]);
  using made = client(server.url.replace("http:", "https:"), { retries: { request: 1 } });
  const events = await collect(made);
  expect(outline(events)).toEqual(["retrying model_unreachable", "failed model_unreachable"]);
  expect(JSON.stringify(events)).toContain("EPROTO");
});

test("a redirect is not followed, so the key goes nowhere else", async () => {
  await using other = await scriptedResponses([says("stolen")]);
  const moved = fault({ status: 302, headers: { location: `${other.url}/responses` } });
  await using server = await scriptedResponses([moved]);
  using made = client(server.url);
  expect(outline(await collect(made))).toEqual(["failed model_bad_request"]);
  expect(other.requests).toHaveLength(0);
});

test("an answer without a content type is read as a stream", async () => {
  await using server = await httpServer((_incoming, response) => response.end(COMPLETED));
  using made = client(server.url);
  expect(outline(await collect(made))).toEqual(["done message ", "completed"]);
});

test("an error under a good status and an answer that was compressed are told as what they are", async () => {
  const answers = [
    [
      { "content-type": "application/json" },
      '{"error": {"code": "insufficient_quota", "message": "pay first"}}',
    ],
    [{ "content-type": "text/event-stream", "content-encoding": "gzip" }, gzipSync(COMPLETED)],
  ] as const;
  const told: unknown[] = [];
  for (const [headers, body] of answers) {
    await using server = await httpServer((_incoming, response) =>
      response.writeHead(200, headers).end(body),
    );
    using made = client(server.url, { retries: { request: 0 } });
    told.push((await collect(made)).at(-1));
  }
  expect(told).toMatchObject([
    { type: "failed", error: { code: "model_usage_limit", message: expect.stringContaining("pay first") } },
    { type: "failed", error: { code: "model_stream_malformed", message: expect.stringContaining("gzip") } },
  ]);
});

test("an error's body that never ends does not hold the call up", async () => {
  await using server = await httpServer((_incoming, response) => {
    response.writeHead(400);
    const flood = setInterval(() => response.write("x".repeat(20_000)), 1);
    response.on("close", () => clearInterval(flood));
  });
  using made = client(server.url);
  const started = performance.now();
  expect(outline(await collect(made))).toEqual(["failed model_bad_request"]);
  expect(performance.now() - started).toBeLessThan(15_000);
});

test("bytes that trickle in without ever making an event are silence", async () => {
  const body = Buffer.from(`data: ${"x".repeat(500)}`);
  await using server = await httpServer((_incoming, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    let at = 0;
    const trickle = setInterval(() => response.write(body.subarray(at, ++at)), 10);
    response.on("close", () => clearInterval(trickle));
  });
  using made = client(server.url, { idleTimeoutMs: 150, retries: { stream: 0 } });
  expect(outline(await collect(made))).toEqual(["failed model_stalled"]);
});

test("comments of the server keep a quiet call alive", async () => {
  await using server = await httpServer((_incoming, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    let pings = 0;
    const ping = setInterval(() => {
      pings++;
      if (pings < 15) response.write(": still here\n\n");
      else response.end(COMPLETED);
    }, 60);
    response.on("close", () => clearInterval(ping));
  });
  using made = client(server.url, { idleTimeoutMs: 600, stallNoticeMs: 600 });
  expect(outline(await collect(made))).toEqual(["done message ", "completed"]);
});

test("a call is over with its last event, and a response that the server does not end is closed", async () => {
  let closed = false;
  await using server = await httpServer((_incoming, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(COMPLETED);
    response.on("close", () => {
      closed = true;
    });
  });
  using made = client(server.url);
  const started = performance.now();
  expect(outline(await collect(made))).toEqual(["done message ", "completed"]);
  expect(performance.now() - started).toBeLessThan(8_000);
  await expect.poll(() => closed, { timeout: 5_000 }).toBe(true);
});

test("a connection that is never made is given up", async () => {
  // An agent whose sockets stay unconnected, like packets that vanish on the way.
  const agent = new Agent();
  Object.assign(agent, { addRequest: () => {} });
  using made = client("http://127.0.0.1:9/v1", { agent, connectTimeoutMs: 30, retries: { request: 0 } });
  const events = await collect(made);
  expect(events).toMatchObject([
    {
      type: "failed",
      error: { code: "model_unreachable", message: expect.stringContaining("within 30 ms") },
    },
  ]);
});

test("the agent that was given is used", async () => {
  await using server = await scriptedResponses([says("hi")]);
  const agent = new Agent({ keepAlive: true });
  using made = client(server.url, { agent });
  await collect(made);
  await expect.poll(() => Object.values(agent.freeSockets).flat()).toHaveLength(1);
  agent.destroy();
});

test("a key that cannot be fetched is an authorization failure with its origin, and nothing is sent", async () => {
  await using server = await scriptedResponses([]);
  const token = async (): Promise<string> => {
    throw new Error("the command exited with 3");
  };
  using made = client(server.url, { auth: { kind: "bearer", token, source: "the command get-key" } });
  expect(await collect(made)).toMatchObject([
    {
      type: "failed",
      error: {
        code: "model_unauthorized",
        message: "Could not get a key from the command get-key: the command exited with 3",
        next_step: "Check the command get-key.",
      },
    },
  ]);
  expect(server.requests).toHaveLength(0);
});

test("a key is fetched anew for each try", async () => {
  await using server = await scriptedResponses([fault({ status: 500 }), says("hi")]);
  let fetched = 0;
  const token = async (): Promise<string> => `key-number-${++fetched}`;
  using made = client(server.url, { auth: { kind: "bearer", token, source: "X" } });
  await collect(made);
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer key-number-1",
    "Bearer key-number-2",
  ]);
});

test("twenty calls at once each get their own answer, without a warning", async () => {
  const warnings: string[] = [];
  const warned = (warning: Error): void => void warnings.push(warning.message);
  process.on("warning", warned);
  const echo = (asked: { inputTexts: readonly string[] }) => says(`you said ${asked.inputTexts[0]}`);
  await using server = await scriptedResponses([], { afterwards: echo });
  using made = client(server.url);
  const texts = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      const input = [
        { type: "message", role: "user", content: [{ type: "input_text", text: `${n}` }] },
      ] as const;
      return textOf(
        await collect(made, { input: input.map((item) => ({ ...item, content: [...item.content] })) }),
      );
    }),
  );
  expect(texts).toEqual(Array.from({ length: 20 }, (_, n) => `you said ${n}`));
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", warned);
  expect(warnings).toEqual([]);
});

test("a slow reader holds the server back instead of filling memory", async () => {
  const delta = { type: "response.output_text.delta", item_id: "m", delta: "x".repeat(2_000) };
  const event = `data: ${JSON.stringify(delta)}\n\n`;
  const limit = 64 * 1024 * 1024;
  let written = 0;
  await using server = await httpServer((_incoming, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const fill = (): void => {
      while (written < limit && response.write(event)) written += event.length;
      written += event.length;
    };
    response.on("drain", fill);
    fill();
  });
  using made = client(server.url);
  for await (const first of made.stream(request(), { signal: new AbortController().signal })) {
    expect(first.type).toBe("text_delta");
    await expect.poll(() => written, { timeout: 5_000 }).toBeGreaterThan(1024 * 1024);
    await new Promise((resolve) => setTimeout(resolve, 400));
    break;
  }
  expect(written).toBeLessThan(limit / 3);
});

test("an item that cannot be written as JSON is a failure, not an exception", async () => {
  await using server = await scriptedResponses([]);
  using made = client(server.url);
  const circular: Record<string, unknown> = { type: "object" };
  circular.self = circular;
  expect(outline(await collect(made, { outputSchema: circular }))).toEqual(["failed internal"]);
});

test("what an answer's headers say of limits comes with its end", async () => {
  const headers = { "x-ratelimit-limit-requests": "10", "x-ratelimit-remaining-requests": "9" };
  await using server = await scriptedResponses([says("hi", { delivery: { headers } })]);
  using made = client(server.url);
  expect((await collect(made)).at(-1)).toMatchObject({
    completion: {
      rateLimits: [{ name: "requests", limit: 10, remaining: 9, usedPercent: null, resetAt: null }],
    },
  });
});

test("a token from a function that the endpoint refuses is fetched anew, once", async () => {
  const refused = fault({ status: 401, code: "invalid_api_key", message: "expired" });
  await using server = await scriptedResponses([refused, says("hi"), refused, refused]);
  const asked: boolean[] = [];
  const token = async (_signal: AbortSignal, wasRefused: boolean): Promise<string> => {
    asked.push(wasRefused);
    return `token-number-${asked.length}`;
  };
  using made = client(server.url, { auth: { kind: "bearer", token, source: "the command x" } });
  expect(outline(await collect(made))).toEqual([
    "retrying model_unauthorized",
    "done message hi",
    "completed",
  ]);
  expect(outline(await collect(made))).toEqual(["retrying model_unauthorized", "failed model_unauthorized"]);
  expect(asked).toEqual([false, true, false, true]);
});

test("a wire API is found by its name, an unknown one is explained", async () => {
  const options: EndpointOptions = {
    provider: "mine",
    baseUrl: "http://127.0.0.1:9",
    auth: { kind: "none" },
  };
  const made = await createModelClient("responses", options, processDeps());
  expect(made.provider).toBe("mine");
  made.close();
  await expect(createModelClient("telepathy", options, processDeps())).rejects.toMatchObject({
    code: "config_invalid",
    info: { next_step: `Set wire_api to one of: ${wireApiNames().join(", ")}.` },
  });
});
