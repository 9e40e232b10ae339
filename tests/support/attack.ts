import { readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { lastingFolder } from "@quire/test-support";

/** Every file below a folder that holds one of the texts, as `path: text`; links are not followed. */
export async function filesHolding(folder: string, texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path);
    for (const text of texts) if (content.includes(text)) found.push(`${path}: ${text}`);
  }
  return found;
}

/** A web server that only counts who came. */
export async function trap(): Promise<AsyncDisposable & { url: string; port: number; visits: string[] }> {
  const visits: string[] = [];
  const server = createServer((request, response) => {
    visits.push(`${request.method} ${request.url}`);
    response.end("caught");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    visits,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A folder that is outside of every workspace and not temporary, as the destruction guard sees it. */
export async function outsideFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = lastingFolder("quire-outside");
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
