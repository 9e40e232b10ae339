#!/usr/bin/env node
/**
 * `node bench/soak.mjs [--turns 10000] [--limit 60000] [--large-every 100] [--large-bytes 100000000]`: one long run of
 * `quire exec`, a command a turn, some of which print a lot, with compaction on. Prints what must stay flat: memory after turn 1,000, the time between two requests, open descriptors, and how long
 * a resume of the thread takes. Ends by itself after an hour at the latest. Linux.
 */
import { fork, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildCli } from "../scripts/build.mjs";
import { root } from "../scripts/bundle.mjs";
import { median } from "./measure.mjs";
import { createWorld } from "./world.mjs";

const LIMIT_MS = 60 * 60_000;
const WARM_UP = 1000;
const MS_PER_TICK = 10;
/** Memory that is free again is given back late, so the least of so many turns says what is really held. */
const WINDOW = 500;
const SAMPLE_EVERY = 50;

const { values } = parseArgs({
  options: {
    turns: { type: "string", default: "10000" },
    limit: { type: "string", default: "60000" },
    "large-every": { type: "string", default: "100" },
    "large-bytes": { type: "string", default: "100000000" },
    samples: { type: "string" },
  },
});
const turns = Number(values.turns);

/** @typedef {{ turn: number, bytes: number, atMs: number }} Request */
/** @typedef {{ turn: number, rss: number, fds: number, cpuMs: number }} Sample */

/** @param {number} pid @param {number} turn @returns {Sample | null} */
function sample(pid, turn) {
  try {
    const rss = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    const cpuMs = (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
    return { turn, rss, fds: readdirSync(`/proc/${pid}/fd`).length, cpuMs };
  } catch {
    return null; // it has ended
  }
}

/** @param {readonly Sample[]} samples @returns {Sample[][]} */
function windows(samples) {
  /** @type {Map<number, Sample[]>} */
  const parts = new Map();
  for (const one of samples) {
    const window = Math.floor(one.turn / WINDOW);
    parts.set(window, [...(parts.get(window) ?? []), one]);
  }
  // The last one may hold a single sample, which says nothing about what is held.
  return [...parts.values()].filter((part) => part.length >= WINDOW / SAMPLE_EVERY / 2);
}

/** The sample with the least memory of each window. @param {readonly Sample[]} samples */
const floor = (samples) =>
  windows(samples).map((part) => part.reduce((least, one) => (one.rss < least.rss ? one : least)));

/** Processor time of the program itself, its commands not included. @param {readonly Sample[]} samples */
function cpuPerTurn(samples, /** @type {number} */ from, /** @type {number} */ to) {
  const part = samples.filter(({ turn }) => turn >= from && turn <= to);
  const [first, last] = [part[0], part.at(-1)];
  if (!first || !last) return Number.NaN;
  return (last.cpuMs - first.cpuMs) / (last.turn - first.turn);
}

/** Least squares: bytes for each turn. @param {readonly Sample[]} samples */
function slope(samples) {
  const x = samples.reduce((sum, { turn }) => sum + turn, 0) / samples.length;
  const y = samples.reduce((sum, { rss }) => sum + rss, 0) / samples.length;
  const above = samples.reduce((sum, { turn, rss }) => sum + (turn - x) * (rss - y), 0);
  return above / samples.reduce((sum, { turn }) => sum + (turn - x) ** 2, 0);
}

/** @param {readonly Request[]} requests @param {number} from @param {number} to */
function gap(requests, from, to) {
  const part = requests.filter(({ turn }) => turn >= from && turn < to);
  return median(part.slice(1).map(({ atMs }, index) => atMs - (part[index]?.atMs ?? Number.NaN)));
}

/** @param {string} folder @returns {string[]} */
const files = (folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => path.join(folder, name));

async function main() {
  if (!(await buildCli())) return 1;
  const scratch = mkdtempSync(path.join(tmpdir(), "quire-soak-"));
  const server = fork(fileURLToPath(new URL("./soak-server.mjs", import.meta.url)), [
    values.turns,
    values["large-every"],
    values["large-bytes"],
  ]);
  /** @type {Request[]} */
  const requests = [];
  /** @type {Sample[]} */
  const samples = [];
  let pid = 0;
  /** @type {string} */
  const url = await new Promise((resolve) => {
    server.on("message", (/** @type {any} */ message) => {
      if (message.type === "listening") return resolve(message.url);
      requests.push(message);
      if (message.turn % 1000 === 0 && process.stderr.isTTY) process.stderr.write(`turn ${message.turn}\r`);
      if (message.turn % SAMPLE_EVERY === 0)
        samples.push(...[sample(pid, message.turn)].filter((one) => one !== null));
    });
  });
  try {
    const world = createWorld(
      { scratch, modelServer: "", runs: 1, contender: /** @type {any} */ (null) },
      url,
    );
    const settings = ["-c", 'compactor="extract"', "-c", `model_auto_compact_token_limit=${values.limit}`];
    /** @param {string[]} words */
    const quire = (words) =>
      spawn(
        process.execPath,
        [path.join(root, "bin/quire"), "exec", ...words, "-s", "danger-full-access", ...settings],
        {
          cwd: world.cwd,
          env: world.env,
          stdio: ["ignore", "ignore", "pipe"],
          timeout: LIMIT_MS,
          killSignal: "SIGKILL",
        },
      );
    const child = quire(["go"]);
    pid = child.pid ?? 0;
    let compactions = 0;
    child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      compactions += text.split("context compacted").length - 1;
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    if (code !== 0) throw new Error(`exit code ${code}`);
    const log = files(path.join(world.home, ".quire/sessions"))[0] ?? "";
    if (values.samples) writeFileSync(values.samples, JSON.stringify({ samples, requests }));
    const late = samples.filter(({ turn }) => turn > WARM_UP);
    const span = Math.min(500, Math.floor(turns / 4));
    const early = gap(requests, WARM_UP, WARM_UP + span);
    const last = gap(requests, turns - span, turns);
    console.log(`turns                         ${turns}, compactions ${compactions}`);
    console.log(`log                           ${(statSync(log).size / 1e6).toFixed(1)} MB`);
    console.log(`memory at turn ${WARM_UP} / the end   ${mib(late[0])} / ${mib(late.at(-1))} MiB`);
    console.log(`memory slope after ${WARM_UP}       ${slope(floor(late)).toFixed(0)} bytes a turn`);
    const cpu = [cpuPerTurn(late, WARM_UP, WARM_UP + span * 2), cpuPerTurn(late, turns - span * 2, turns)];
    const [cpuEarly = Number.NaN, cpuLate = Number.NaN] = cpu;
    console.log(
      `own processor time a turn     ${cpuEarly.toFixed(2)} ms early, ${cpuLate.toFixed(2)} ms late, ${(cpuLate / cpuEarly).toFixed(2)}x`,
    );
    console.log(
      `between two requests          ${early.toFixed(2)} ms early, ${last.toFixed(2)} ms late, ${(last / early).toFixed(2)}x`,
    );
    // A sample may fall into the start of a command, which has pipes of its own for a moment.
    const resting = windows(late).map((part) => Math.min(...part.map(({ fds }) => fds)));
    console.log(`descriptors at rest           ${Math.min(...resting)} to ${Math.max(...resting)}`);
    for (const words of [["resume", "--last", "and?"], ["new"]]) {
      /** @type {number[]} */
      const times = [];
      for (let run = 0; run < 3; run += 1) {
        const began = performance.timeOrigin + performance.now();
        await new Promise((resolve) => quire(words).once("close", resolve));
        times.push((requests.at(-1)?.atMs ?? Number.NaN) - began);
      }
      console.log(`start to request, ${words[0]?.padEnd(10)}  ${median(times).toFixed(0)} ms`);
    }
    return 0;
  } finally {
    server.kill("SIGKILL");
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @param {Sample | undefined} one */
const mib = (one) => ((one?.rss ?? 0) / 2 ** 20).toFixed(1);

process.exitCode = await main().catch((error) => {
  console.error(`soak: ${error instanceof Error ? error.message : error}`);
  return 2;
});
