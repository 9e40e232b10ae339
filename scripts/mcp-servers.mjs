#!/usr/bin/env node
/**
 * `npm run test:mcp-servers`: installs the reference MCP servers that `tests/reference-servers` pins into a folder that the
 * sandbox shows, builds, and drives them through our front doors. They come from the npm registry and are 40 MB of 120
 * packages, so they are no dependency of the project and no part of `npm test`.
 */
import { copyFileSync, mkdirSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { buildCli } from "./build.mjs";
import { root } from "./bundle.mjs";
import { run, withProgress } from "./console.mjs";

const SOURCE = path.join(root, "tests/reference-servers");

/** What lies in a temporary folder is not seen from inside the sandbox. */
function installFolder() {
  const isTemporary = [tmpdir(), "/tmp"].some((folder) => root.startsWith(`${folder}/`));
  const base = isTemporary
    ? path.join(homedir(), ".cache/quire-tests")
    : path.join(root, "node_modules/.cache");
  return path.join(base, "mcp-reference-servers");
}

const folder = installFolder();
mkdirSync(folder, { recursive: true });
for (const name of ["package.json", "package-lock.json"]) {
  copyFileSync(path.join(SOURCE, name), path.join(folder, name));
}
const npm = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
const installed = await withProgress("installing", run("npm", npm, { cwd: folder }));
if (installed.code !== 0) {
  console.error(`test:mcp-servers: npm ci failed in ${folder}\n${installed.output}`);
  process.exitCode = 1;
} else if (await buildCli()) {
  const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
  const env = { ...process.env, QUIRE_REFERENCE_SERVERS: folder };
  const tests = await run(process.execPath, [vitest, "run", "--project", "reference"], {
    cwd: root,
    env,
    live: true,
  });
  process.exitCode = tests.code;
} else {
  process.exitCode = 1;
}
