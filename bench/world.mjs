/** One run as a user would make it: fresh HOME, small git repository, a model server on loopback. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import path from "node:path";
import { measure, startModelServer } from "./measure.mjs";

export const LIMIT_MS = 60_000;

/**
 * @typedef {object} Contender who is measured
 * @property {string} name
 * @property {boolean} ours whether it knows sandbox modes, `resume` and `--version` as quire does
 * @property {(prompt: string, options: RunOptions) => string[]} command may hold {url}, {port}, {home} and {cwd}
 *
 * @typedef {object} Bench
 * @property {string} scratch
 * @property {string} modelServer path of the bundled test-support package
 * @property {number} runs
 * @property {Contender} contender
 *
 * @typedef {{ mode?: string, resume?: boolean }} RunOptions the sandbox mode is danger-full-access unless given
 * @typedef {{ home: string, cwd: string, env: NodeJS.ProcessEnv }} World
 * @typedef {import("./measure.mjs").ModelServer} ModelServer
 * @typedef {import("./measure.mjs").Measured & { requests: { atMs: number, bytes: number }[] }} Run
 * @typedef {import("./model-server.mjs").ScriptedStep} Step
 */

/** @param {string} url */
const configFile = (url) => `model = "gpt-5.5"
model_provider = "bench"

[model_providers.bench]
name = "bench"
base_url = "${url}"
env_key = "BENCH_KEY"
`;

/** @param {Bench} bench @param {string} url @returns {World} */
export function createWorld({ scratch }, url) {
  const home = mkdtempSync(path.join(scratch, "home-"));
  const cwd = path.join(home, "repository");
  mkdirSync(path.join(home, ".quire"));
  writeFileSync(path.join(home, ".quire/config.toml"), configFile(url));
  mkdirSync(cwd);
  writeFileSync(path.join(cwd, "README.md"), "# bench\n");
  const identity = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
  for (const args of [
    ["init", "-q"],
    ["add", "."],
    [...identity, "commit", "-qm", "Start"],
  ]) {
    execFileSync("git", args, { cwd });
  }
  const kept = Object.entries(process.env).filter(([name]) => /^(?:PATH|LANG|BENCH_\w+)$/.test(name));
  const keys = { BENCH_KEY: "none", OPENAI_API_KEY: "none", OPENAI_BASE_URL: url };
  return { home, cwd, env: { ...keys, ...Object.fromEntries(kept), HOME: home, TERM: "dumb" } };
}

/**
 * Runs one prompt and takes the requests it made. Throws, with the end of its stderr, when the run fails.
 * @param {Bench} bench @param {ModelServer} server @param {World} world @param {RunOptions} [options]
 * @returns {Promise<Run>}
 */
export async function runOnce({ contender }, server, { home, cwd, env }, options = {}) {
  /** @type {Record<string, string>} */
  const places = { url: server.url, port: String(server.port), home, cwd };
  const command = contender
    .command("go", options)
    .map((word) => word.replace(/\{(url|port|home|cwd)\}/g, (_, name) => places[name] ?? ""));
  const measured = await measure(command, { cwd, env, limitMs: LIMIT_MS });
  if (measured.code !== 0)
    throw new Error(`exit code ${measured.code}: ${measured.stderr.trim() || "no message"}`);
  return { ...measured, requests: server.take() };
}

/**
 * Gives `use` a server that plays `steps`, and ends it afterwards.
 * @template T
 * @param {Bench} bench @param {Step[]} steps @param {(server: ModelServer) => Promise<T>} use
 */
export async function withServer({ modelServer }, steps, use) {
  const server = await startModelServer({ bundle: modelServer, steps });
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}

/**
 * The same prompt several times, each in a new world.
 * @param {Bench} bench @param {Step[]} steps @param {RunOptions & { runs?: number }} [options]
 * @returns {Promise<Run[]>}
 */
export function runs(bench, steps, { runs: count = bench.runs, ...options } = {}) {
  return withServer(bench, steps, async (server) => {
    /** @type {Run[]} */
    const all = [];
    for (let run = 0; run < count; run += 1) {
      all.push(await runOnce(bench, server, createWorld(bench, server.url), options));
    }
    return all;
  });
}
