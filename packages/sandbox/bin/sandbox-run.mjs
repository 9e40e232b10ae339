#!/usr/bin/env node
// Runs one command under a policy, from the sources: sandbox-run.mjs --mode M [--ws DIR] [--root DIR]... -- CMD
// For developers and for outside checks of the sandbox; users have `quire sandbox`.
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const source = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../src");

function newest(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, String(name)))
    .reduce((latest, file) => Math.max(latest, statSync(file).mtimeMs), 0);
}

async function loadLibrary() {
  const name = createHash("sha256")
    .update(`${source}${newest(source)}`)
    .digest("hex")
    .slice(0, 16);
  const folder =
    process.env.SANDBOX_RUN_CACHE ?? path.join(os.tmpdir(), `sandbox-run-cache-${process.getuid?.()}`);
  const outfile = path.join(folder, `${name}.mjs`);
  if (!existsSync(outfile)) {
    // biome-ignore lint/correctness/noUndeclaredDependencies: a developer's script; the workspace root has the bundler
    const { build } = await import("esbuild");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await build({
      entryPoints: [path.join(source, "index.ts")],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      external: ["@lydell/node-pty"],
      logLevel: "error",
    });
  }
  return import(pathToFileURL(outfile));
}

const words = process.argv.slice(2);
const separator = words.indexOf("--");
const options = { mode: "workspace-write", root: [], ws: process.cwd(), home: os.homedir() };
const flags = separator < 0 ? words : words.slice(0, separator);
for (let index = 0; index < flags.length; index += 2) {
  const name = flags[index].replace(/^--/, "");
  if (name === "root") options.root.push(flags[index + 1]);
  else options[name] = flags[index + 1];
}

const library = await loadLibrary();
const controller = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => controller.abort());
const result = await library.runSandboxCommand(
  {
    mode: options.mode,
    workspaceRoots: [path.resolve(options.ws)],
    extraWritableRoots: options.root,
    network: options.network ?? "off",
    environment: {},
  },
  {
    argv: separator < 0 ? ["bash"] : words.slice(separator + 1),
    cwd: path.resolve(options.ws),
    interactive: process.stdin.isTTY === true,
    signal: controller.signal,
  },
  {
    env: process.env,
    homeDir: options.home,
    stateDir: path.join(options.home, ".quire"),
    runtimeDir: options.runtime ?? path.join(os.tmpdir(), `sandbox-run-${process.getuid?.()}`),
    platform: process.platform,
    arch: process.arch,
    uid: process.getuid?.() ?? -1,
    pid: process.pid,
    kernelRelease: os.release(),
    now: () => performance.now(),
    uniqueName: () => randomBytes(8).toString("hex"),
  },
);
if (result.problem) process.stderr.write(`sandbox: ${result.problem}\n`);
for (const notice of result.notices) process.stderr.write(`sandbox: ${notice.message}\n`);
process.exitCode = result.exitCode;
