#!/usr/bin/env node
/**
 * `node bench/subagents.mjs [--agents 10] [--commands 20] [--mode workspace-write]`: one run of `quire exec` whose model
 * starts so many agents, which all work at once. Prints what an agent costs in memory of the process, and how long it all
 * takes. Ends by itself after three minutes at the latest. Linux.
 */
import { fork, spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildCli } from "../scripts/build.mjs";
import { root } from "../scripts/bundle.mjs";
import { createWorld } from "./world.mjs";

const LIMIT_MS = 3 * 60_000;
const SAMPLE_MS = 20;
const MIB = 1024 * 1024;

const { values } = parseArgs({
  options: {
    agents: { type: "string", default: "10" },
    commands: { type: "string", default: "20" },
    mode: { type: "string", default: "workspace-write" },
  },
});

/** @param {number} pid */
function residentBytes(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // it has ended
  }
}

async function main() {
  if (!(await buildCli())) return 1;
  const scratch = mkdtempSync(path.join(tmpdir(), "quire-subagents-"));
  const server = fork(fileURLToPath(new URL("./subagents-server.mjs", import.meta.url)), [
    values.agents,
    values.commands,
  ]);
  let before = 0;
  let requests = 0;
  let pid = 0;
  /** @type {Set<string>} */
  const speakers = new Set();
  /** @type {string} */
  const url = await new Promise((resolve) => {
    server.on("message", (/** @type {any} */ message) => {
      if (message.type === "listening") return resolve(message.url);
      requests += 1;
      speakers.add(message.speaker);
      if (requests === 1) before = residentBytes(pid);
    });
  });
  try {
    const world = createWorld(
      { scratch, modelServer: "", runs: 1, contender: /** @type {any} */ (null) },
      url,
    );
    const config = path.join(world.home, ".quire/config.toml");
    appendFileSync(config, `\n[agents]\nenabled = true\nmax_threads = ${values.agents}\n`);
    const startedAt = performance.now();
    const child = spawn(
      process.execPath,
      [path.join(root, "bin/quire"), "exec", "--json", "-s", values.mode, "go"],
      {
        cwd: world.cwd,
        env: world.env,
        stdio: ["ignore", "pipe", "inherit"],
        timeout: LIMIT_MS,
        killSignal: "SIGKILL",
      },
    );
    pid = child.pid ?? 0;
    let peak = 0;
    let last = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      last = (last + text).slice(-20_000);
    });
    const timer = setInterval(() => {
      peak = Math.max(peak, residentBytes(pid));
    }, SAMPLE_MS);
    const code = await new Promise((resolve) => child.once("close", resolve));
    clearInterval(timer);
    const seconds = (performance.now() - startedAt) / 1000;
    const agents = speakers.size - 1;
    const each = (peak - before) / MIB / agents;
    process.stdout.write(`${agents} agents, ${requests} requests, exit code ${code}, ${seconds.toFixed(1)} s
before the first agent  ${(before / MIB).toFixed(1)} MiB
at its highest          ${(peak / MIB).toFixed(1)} MiB
for each agent          ${each.toFixed(1)} MiB
`);
    const end = last.trim().split("\n").at(-1) ?? "";
    const sum = JSON.parse(end).usage?.input_tokens;
    process.stdout.write(`tokens in, on the bill of the thread: ${sum}\n`);
    return code === 0 ? 0 : 1;
  } finally {
    server.kill();
    rmSync(scratch, { recursive: true, force: true });
  }
}

process.exitCode = await main();
