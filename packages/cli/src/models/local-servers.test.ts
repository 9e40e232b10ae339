import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { findLocalServers } from "./local-servers.ts";

async function listening(listener: RequestListener): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("servers that list models are found with their windows; other programs and silent ones are not", async () => {
  const list = { object: "list", data: [{ id: "qwen3" }, { id: "big", max_model_len: 32_768 }] };
  await using models = await listening((request, response) => {
    response.statusCode = request.url === "/v1/models" ? 200 : 404;
    response.end(JSON.stringify(list));
  });
  await using page = await listening((_request, response) => response.end("<html>hello</html>"));
  await using refusing = await listening((_request, response) => response.writeHead(401).end("{}"));
  await using silent = await listening(() => {});
  const ports = {
    ollama: models.port,
    lmstudio: page.port,
    llamacpp: refusing.port,
    vllm: silent.port,
    none: 9,
  };
  expect(await findLocalServers(new AbortController().signal, ports)).toEqual([
    {
      provider: "ollama",
      base_url: `http://127.0.0.1:${models.port}/v1`,
      models: [
        { id: "qwen3", context_window: null },
        { id: "big", context_window: 32_768 },
      ],
    },
  ]);
});
