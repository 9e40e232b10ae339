#!/usr/bin/env node
/** Runs src/scripted-server-cli.ts: Node 20 reads no TypeScript, so it is bundled into a temporary file first. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync } from "esbuild";

const folder = mkdtempSync(join(tmpdir(), "scripted-server-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const outfile = join(folder, "server.mjs");
buildSync({
  entryPoints: [fileURLToPath(new URL("../src/scripted-server-cli.ts", import.meta.url))],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  // A dependency that is not a module asks for Node's own parts with `require`.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
});
await import(pathToFileURL(outfile).href);
