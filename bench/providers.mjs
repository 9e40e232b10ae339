#!/usr/bin/env node
/**
 * `node bench/providers.mjs [--deltas N] [--rate N] [--json FILE]`: what one delta of a stream costs each provider in
 * processor time, and whether a steady stream of 5,000 deltas a second arrives on time. The model server runs in a
 * process of its own. Figures of one run compare; those of different machines do not.
 */
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { bundle, root } from "../scripts/bundle.mjs";

const WIRES = ["responses", "chat", "anthropic", "completions"];
const RUNS = 5;
const STEADY_SECONDS = 3;

/**
 * @typedef {{ wire: string, cpuMicrosecondsPerDelta: number, deltasPerSecond: number, steadyLateMs: number,
 *   steadyCpuShare: number }} Row
 */

/** @param {string} name */
async function bundled(name) {
  await bundle({ name, entry: `packages/${name}/src/index.ts`, outdir: `dist/${name}` });
  return path.join(root, `dist/${name}/${name}.js`);
}

/** @param {object} scenario */
async function serve(scenario) {
  const file = fileURLToPath(new URL("./provider-server.mjs", import.meta.url));
  const child = fork(file, [JSON.stringify(scenario)]);
  const url = await new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", (code) => reject(new Error(`the model server ended with ${code}`)));
  });
  return { url: String(url), stop: () => child.kill("SIGTERM") };
}

const deps = {
  monotonicMs: () => performance.now(),
  nowMs: () => Date.now(),
  random: Math.random,
  setTimer: (/** @type {() => void} */ callback, /** @type {number} */ ms) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  sleep: async (/** @type {number} */ ms) => void (await sleep(ms)),
};

/** One call to its end: processor microseconds, wall milliseconds and deltas. */
async function measured(/** @type {any} */ client) {
  const request = {
    model: "m",
    instructions: "",
    input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "go" }] }],
    tools: [],
    parallelToolCalls: true,
    promptCacheKey: "bench",
  };
  let deltas = 0;
  const before = process.cpuUsage();
  const started = performance.now();
  for await (const event of client.stream(request, { signal: new AbortController().signal })) {
    if (event.type === "text_delta") deltas++;
    if (event.type === "failed") throw new Error(event.error.message);
  }
  const { user, system } = process.cpuUsage(before);
  return { cpu: user + system, wall: performance.now() - started, deltas };
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/**
 * @param {any} models
 * @param {string} server
 * @param {string} wire
 * @param {{ deltas: number, rate: number }} sizes
 * @returns {Promise<Row>}
 */
async function row(models, server, wire, { deltas, rate }) {
  const fast = await serve({ bundle: server, deltas });
  const open = (/** @type {string} */ baseUrl) =>
    models.createModelClient(wire, { provider: "bench", baseUrl, auth: { kind: "none" } }, deps);
  const quick = await open(fast.url);
  await measured(quick);
  const runs = [];
  for (let n = 0; n < RUNS; n++) runs.push(await measured(quick));
  quick.close();
  fast.stop();
  const steady = await serve({ bundle: server, deltas: rate * STEADY_SECONDS, rate });
  const slow = await open(steady.url);
  const paced = await measured(slow);
  slow.close();
  steady.stop();
  return {
    wire,
    cpuMicrosecondsPerDelta: median(runs.map((run) => run.cpu / run.deltas)),
    deltasPerSecond: Math.round(median(runs.map((run) => (run.deltas / run.wall) * 1_000))),
    steadyLateMs: Math.round(paced.wall - STEADY_SECONDS * 1_000),
    steadyCpuShare: paced.cpu / 1_000 / paced.wall,
  };
}

async function main() {
  const { values } = parseArgs({
    options: {
      deltas: { type: "string", default: "20000" },
      rate: { type: "string", default: "5000" },
      json: { type: "string" },
    },
  });
  const sizes = { deltas: Number(values.deltas), rate: Number(values.rate) };
  const models = await import(pathToFileURL(await bundled("models")).href);
  const server = await bundled("test-support");
  const rows = [];
  for (const wire of WIRES) rows.push(await row(models, server, wire, sizes));
  console.log(`wire         µs CPU a delta   deltas a second   ${sizes.rate}/s: late by   CPU share`);
  for (const found of rows) {
    const cpu = found.cpuMicrosecondsPerDelta.toFixed(1).padStart(14);
    const speed = String(found.deltasPerSecond).padStart(17);
    const late = `${found.steadyLateMs} ms`.padStart(16);
    console.log(
      `${found.wire.padEnd(12)}${cpu}${speed}${late}${`${(found.steadyCpuShare * 100).toFixed(1)} %`.padStart(14)}`,
    );
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
}

await main();
