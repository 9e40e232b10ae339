import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fixture, mcpWorldWith } from "./world.ts";

const MODERN = fileURLToPath(new URL("./fixtures/modern-server.mjs", import.meta.url));

test("a server that knows no greeting is spoken to as the revision of 2026 wants it, questions to a person included", async () => {
  const argv = [process.execPath, MODERN];
  const server = { ...fixture("modern"), transport: { kind: "stdio" as const, argv, cwd: null, env: {} } };
  const asked: string[] = [];
  await using world = mcpWorldWith(
    {
      askPerson: async (_, { message }) => {
        asked.push(message);
        return { action: "accept", content: { name: "Ada" } };
      },
    },
    server,
  );
  await world.settle();
  expect(world.servers.status()).toMatchObject([
    { state: { kind: "ready", malformedTools: 0 }, toolCount: 2 },
  ]);
  expect(await world.call("modern", "echo", { text: "hi" })).toMatchObject({
    content: [{ type: "text", text: "echo:hi" }],
  });
  expect(await world.call("modern", "ask", {}, 30_000)).toMatchObject({
    content: [{ type: "text", text: '{"action":"accept","content":{"name":"Ada"}}' }],
  });
  expect(asked).toEqual(["Who are you?"]);
  // The attempt to greet it left no process behind.
  expect(world.running.size).toBe(1);
});

test("the same over HTTP, where the greeting is answered with the status 400", async () => {
  const methods: string[] = [];
  const results: Record<string, object> = {
    "server/discover": { supportedVersions: ["2026-07-28"], capabilities: { tools: {} } },
    "tools/list": { tools: [{ name: "echo", inputSchema: { type: "object" } }] },
    "tools/call": { content: [{ type: "text", text: "hi" }] },
  };
  const http = createServer(async (request, response) => {
    const { id, method } = JSON.parse((await text(request)) || "{}");
    methods.push(`${request.method} ${method}`);
    const found = results[method];
    const error = {
      code: -32022,
      message: "unsupported protocol version",
      data: { supported: ["2026-07-28"] },
    };
    const answer = found
      ? { result: { resultType: "complete", ttlMs: 0, cacheScope: "private", ...found } }
      : { error };
    response.writeHead(found ? 200 : 400, { "content-type": "application/json" });
    response.end(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = http.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/mcp`;
    const server = { ...fixture("web"), transport: { kind: "http" as const, url, headers: {} } };
    await using world = mcpWorldWith({}, server);
    await world.settle();
    expect(await world.call("web", "echo")).toMatchObject({ content: [{ text: "hi" }] });
    expect(methods).toEqual([
      "POST initialize",
      "POST server/discover",
      "POST tools/list",
      "POST tools/call",
    ]);
  } finally {
    http.close();
  }
});
