import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { McpServerOptions } from "../src/index.ts";
import { mcpWorld } from "./world.ts";

interface HttpServer extends AsyncDisposable {
  readonly options: McpServerOptions;
  readonly tokens: (string | undefined)[];
}

/** A server over streamable HTTP that wants a token; answers to "big" never end. */
async function httpServer(headers: Record<string, string>): Promise<HttpServer> {
  const tokens: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    tokens.push(request.headers.authorization);
    if (request.headers.authorization !== "Bearer right")
      return void response.writeHead(401).end("who are you?");
    if (request.method !== "POST") return void response.writeHead(405).end();
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const { id, method, params } = JSON.parse(body);
      if (id === undefined) return void response.writeHead(202).end();
      response.writeHead(200, { "content-type": "application/json" });
      if (method === "tools/call" && params.name === "big") {
        const more = () =>
          void (response.destroyed || response.write("z".repeat(1 << 20), () => setImmediate(more)));
        return more();
      }
      response.end(JSON.stringify({ jsonrpc: "2.0", id, result: resultOf(method, params) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    tokens,
    options: {
      id: "remote",
      transport: { kind: "http", url: `http://127.0.0.1:${port}/mcp`, headers },
      enabled: true,
      required: true,
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function resultOf(method: string, params: { protocolVersion?: string }) {
  if (method === "initialize") {
    const serverInfo = { name: "remote", version: "1" };
    return { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo };
  }
  if (method === "tools/list") {
    return { tools: ["hello", "big"].map((name) => ({ name, inputSchema: { type: "object" } })) };
  }
  return { content: [{ type: "text", text: "hello over http" }] };
}

test("a server over HTTP gets the token with every request", async () => {
  await using server = await httpServer({ Authorization: "Bearer right" });
  await using world = mcpWorld(server.options);
  await world.settle();
  expect(world.servers.list().map(({ name }) => name)).toEqual(["big", "hello"]);
  expect(await world.call("remote", "hello")).toMatchObject({
    kind: "result",
    content: [{ type: "text", text: "hello over http" }],
  });
  expect(new Set(server.tokens)).toEqual(new Set(["Bearer right"]));
});

test("a wrong token is a failure that names it", async () => {
  await using server = await httpServer({ Authorization: "Bearer wrong" });
  await using world = mcpWorld(server.options);
  await world.settle();
  expect(world.servers.status()[0]?.state).toMatchObject({
    kind: "failed",
    message: expect.stringContaining("401"),
  });
});

test("an answer without end is cut off", async () => {
  await using server = await httpServer({ Authorization: "Bearer right" });
  await using world = mcpWorld(server.options);
  await world.settle();
  expect(await world.call("remote", "big", {}, 20_000)).toMatchObject({ kind: "failed" });
});
