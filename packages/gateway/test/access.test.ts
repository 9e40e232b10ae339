import http from "node:http";
import net from "node:net";
import { delivered, says } from "@quire/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import { errorIn, gatewayWorld, TOKEN, type World } from "./gateway-world.ts";

/** A request with exactly these headers, `Host` included. */
function raw(
  world: World,
  method: string,
  path: string,
  headers: Record<string, string>,
  body = "",
  agent: http.Agent | false = false,
): Promise<{ status: number; body: string; headers: http.IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { port: world.gateway.port, host: "127.0.0.1", method, path, headers, setHost: false, agent },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (piece: string) => {
          text += piece;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

test("every combination of Host, Origin, token and content type, on every route: only the one good passes", {
  timeout: 120_000,
}, async () => {
  await using world = await gatewayWorld();
  const hosts = {
    [`127.0.0.1:${world.gateway.port}`]: true,
    localhost: true,
    "evil.example:80": false,
    "127.0.0.1.evil.example": false,
  };
  const origins = { "": true, "https://evil.example": false, null: false, "http://127.0.0.1:1": false };
  const tokens = { [`Bearer ${TOKEN}`]: true, "": false, "Bearer wrong": false, [`Basic ${TOKEN}`]: false };
  const types = [
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/x-www-form-urlencoded",
  ];
  // Thousands of requests: a connection for each would cost more than the checks.
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  let passed = 0;
  const routes = world.gateway.routes.map(
    (route) => [route.method, route.path.replace(/[:*]\w+/g, "x0")] as const,
  );
  expect(routes.length).toBeGreaterThan(10);
  for (const [method, path] of [...routes, ["GET", "/v1/nothing"] as const]) {
    for (const [host, hostGood] of Object.entries(hosts)) {
      for (const [origin, originGood] of Object.entries(origins)) {
        for (const [token, tokenGood] of Object.entries(tokens)) {
          const wanted = path === "/v1/files" ? types[1] : types[0];
          for (const type of method === "POST" ? types : [""]) {
            const typeGood = method !== "POST" || type === wanted;
            const headers = {
              host,
              ...(origin === "" ? {} : { origin }),
              ...(token === "" ? {} : { authorization: token }),
              ...(type === "" ? {} : { "content-type": type }),
            };
            const body = method === "POST" ? "{}" : "";
            const sized = body === "" ? headers : { ...headers, "content-length": String(body.length) };
            const { status, headers: answered } = await raw(world, method, path, sized, body, agent);
            const good = hostGood && originGood && tokenGood && typeGood;
            const expected = !hostGood || !originGood ? 403 : !tokenGood ? 401 : 415;
            if (good) expect([200, 400, 404]).toContain(status);
            else
              expect([method, path, host, origin, token, type, status]).toEqual([
                method,
                path,
                host,
                origin,
                token,
                type,
                expected,
              ]);
            expect(answered["access-control-allow-origin"]).toBeUndefined();
            if (good) passed += 1;
          }
        }
      }
    }
  }
  expect(passed).toBe((routes.length + 1) * 2);
  agent.destroy();
});

test("a page in a browser is turned away even without an Origin; a preflight gets nothing", async () => {
  await using world = await gatewayWorld();
  const host = `127.0.0.1:${world.gateway.port}`;
  const authorization = `Bearer ${TOKEN}`;
  const embedded = await raw(world, "GET", "/v1/models", {
    host,
    authorization,
    "sec-fetch-site": "cross-site",
  });
  expect(embedded.status).toBe(403);
  const preflight = await raw(world, "OPTIONS", "/v1/models", {
    host,
    origin: "https://evil.example",
    "access-control-request-method": "POST",
  });
  expect(preflight.status).toBe(403);
});

test("what is asked wrongly is answered in OpenAI's shape", async () => {
  await using world = await gatewayWorld([], { options: { limits: { maxBodyBytes: 2_000 } } });
  const cases: [() => Promise<Response>, number, string | null, string][] = [
    [() => world.post("/v1/responses", "{"), 400, null, "invalid_json"],
    [() => world.post("/v1/responses", "[1]"), 400, null, "invalid_type"],
    [() => world.post("/v1/responses", `"${"x".repeat(3_000)}"`), 413, null, "request_too_large"],
    [() => world.post("/v1/responses", "[".repeat(900) + "]".repeat(900)), 400, null, "invalid_json"],
    [() => world.post("/v1/responses", { input: 5 }), 400, "input", "invalid_type"],
    [() => world.post("/v1/responses", { input: "x", nonsense: 1 }), 400, "nonsense", "unknown_parameter"],
    [
      () => world.post("/v1/responses", { input: [{ role: "user" }] }),
      400,
      "input[0].content",
      "missing_required_parameter",
    ],
    [
      () => world.post("/v1/responses", { input: "x", tools: [{ type: "web_search" }] }),
      400,
      "tools[0].type",
      "unsupported_value",
    ],
    [
      () => world.post("/v1/responses", { input: "x", truncation: "auto" }),
      400,
      "truncation",
      "unsupported_parameter",
    ],
    [
      () => world.post("/v1/responses", { input: "x", conversation: "conv_1" }),
      400,
      "conversation",
      "unsupported_parameter",
    ],
    [() => world.post("/v1/responses", {}), 400, "input", "missing_required_parameter"],
    [
      () =>
        world.post("/v1/responses", {
          input: [{ role: "user", content: [{ type: "input_image", image_url: "file:///etc/passwd" }] }],
        }),
      400,
      "input[0].content[0].image_url",
      "invalid_value",
    ],
    [() => world.post("/v1/chat/completions", { model: "m" }), 400, "messages", "missing_required_parameter"],
    [
      () =>
        world.post("/v1/chat/completions", {
          model: "m",
          messages: [{ role: "user", content: "x" }],
          top_logprobs: 1,
        }),
      400,
      "top_logprobs",
      "invalid_value",
    ],
    [() => world.fetch("/v1/embeddings"), 404, null, "unknown_url"],
    [() => world.fetch("/v1/chat/completions"), 405, null, "method_not_allowed"],
    [() => world.fetch("/v1/models/none"), 404, "model", "model_not_found"],
  ];
  for (const [asked, status, param, code] of cases) {
    expect(await errorIn(await asked())).toMatchObject({
      status,
      param,
      code,
      type: "invalid_request_error",
    });
  }
  expect(world.server.requests).toEqual([]);
  expect(world.notes).toEqual([]);
});

test("models are listed and found, names with slashes too", async () => {
  await using world = await gatewayWorld([], {
    models: { aliases: new Map([["old/name", "scripted/new-model"]]) },
  });
  const list = await world.openai.models.list();
  expect(list.data.map(({ id, owned_by }) => [id, owned_by])).toEqual([
    ["scripted-model", "scripted"],
    ["offline-repair", "offline-repair"],
    ["old/name", "scripted"],
  ]);
  expect(await world.openai.models.retrieve("old/name")).toMatchObject({ id: "old/name", object: "model" });
});

test("two thousand malformed requests leave it as it was", { timeout: 60_000 }, async () => {
  await using world = await gatewayWorld();
  const { port } = world.gateway;
  const json = fc.jsonValue({ maxDepth: 4 });
  const fields = fc.dictionary(
    fc.constantFrom(
      "model",
      "input",
      "messages",
      "prompt",
      "tools",
      "stream",
      "n",
      "stop",
      "text",
      "store",
      "include",
      "background",
      "tool_choice",
    ),
    json,
  );
  const path = fc.constantFrom(
    "/v1/responses",
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/responses/%00",
    "/v1/../x",
    "//",
    "/v1/models/%",
  );
  const head = (method: string, target: string, more: string) =>
    `${method} ${target} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${TOKEN}\r\n${more}`;
  const wellFormed = fc.tuple(path, fields).map(([target, body]) => {
    const text = JSON.stringify({ ...body, model: "no-such-provider-model/x\u0000" });
    return `${head("POST", target, `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n`)}${text}`;
  });
  const broken = fc
    .tuple(path, fc.string({ maxLength: 60 }), fc.nat(200))
    .map(
      ([target, text, length]) =>
        `${head("POST", target, `content-type: application/json\r\ncontent-length: ${length}\r\n\r\n`)}${text}`,
    );
  const garbage = fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes));
  const oddHead = fc
    .tuple(fc.string({ maxLength: 8 }), fc.string({ maxLength: 20 }), fc.string({ maxLength: 30 }))
    .map(([method, target, header]) => head(method, target, `${header}\r\n\r\n`));
  const frames = fc.sample(fc.oneof(wellFormed, broken, garbage, oddHead), { numRuns: 2_000, seed: 7 });
  const send = (frame: string | Buffer) =>
    new Promise<void>((resolve) => {
      const socket = net.connect(port, "127.0.0.1", () => socket.end(frame));
      socket.resume();
      // Bodies that never come are waited for; the client's leaving ends it.
      const timer = setTimeout(() => socket.destroy(), 300);
      socket.on("error", () => {});
      socket.on("close", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  for (let at = 0; at < frames.length; at += 50) await Promise.all(frames.slice(at, at + 50).map(send));
  expect(world.notes).toEqual([]);
  expect((await world.fetch("/v1/models")).status).toBe(200);
});

test("too many requests at once are turned away; a client that does not read is let go", async () => {
  const flood = delivered(says({ deltas: 30_000, chars: 400 }), {});
  await using world = await gatewayWorld([], {
    script: { afterwards: flood },
    options: { limits: { maxRequests: 1, writeTimeoutMs: 300 } },
  });
  const body = JSON.stringify({
    model: "scripted-model",
    messages: [{ role: "user", content: "x" }],
    stream: true,
  });
  const socket = net.connect(world.gateway.port, "127.0.0.1");
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => {});
  socket.pause();
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await world.server.arrived(1);
  const busy = await world.fetch("/v1/models");
  expect([busy.status, busy.headers.get("retry-after")]).toEqual([503, "1"]);
  await expect.poll(() => world.server.requests[0]?.closedByClient, { timeout: 10_000 }).toBe(true);
  socket.resume();
  await closed;
  await expect.poll(async () => (await world.fetch("/v1/models")).status).toBe(200);
});

test("a body that does not come in time is answered with 408", async () => {
  await using world = await gatewayWorld([], { options: { limits: { bodyTimeoutMs: 100 } } });
  const socket = net.connect(world.gateway.port, "127.0.0.1");
  const said = new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data))));
  socket.write(
    `POST /v1/responses HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{`,
  );
  expect(await said).toMatch(/^HTTP\/1\.1 408 /);
  socket.destroy();
});
