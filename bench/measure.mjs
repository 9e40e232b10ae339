/** Runs a program and measures it from outside: wall time, processor time and memory of its whole process tree. Linux. */
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PAGE = 4096;
/** Unit of the times in /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 15;

export const now = () => performance.timeOrigin + performance.now();

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // the process has ended meanwhile
  }
}

/** Processor seconds of all children of this process that have ended, their own ended children included. */
function childrenCpu() {
  const fields = read("/proc/self/stat")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

/** @param {number} pid */
const residentBytes = (pid) => Number(read(`/proc/${pid}/statm`).split(" ")[1] ?? 0) * PAGE;

/** @param {number} pid @returns {number} resident bytes of a process and everything below it */
function treeBytes(pid) {
  const below = read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean);
  return residentBytes(pid) + below.reduce((sum, child) => sum + treeBytes(Number(child)), 0);
}

/**
 * @typedef {object} Measured
 * @property {number} startedAtMs Unix milliseconds
 * @property {number} wallMs
 * @property {number} cpuSeconds of the tree; only right while nothing else that this process started ends
 * @property {number} treeMiB highest sum of resident memory; shared pages count in each process
 * @property {number} ownMiB highest resident memory of the program itself
 * @property {number} code
 * @property {string} stderr its end
 */

/**
 * @param {string[]} command
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, limitMs: number }} options
 * @returns {Promise<Measured>}
 */
export async function measure([program = "", ...args], { cwd, env, limitMs }) {
  const cpuBefore = childrenCpu();
  const startedAtMs = now();
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr = (stderr + text).slice(-2000);
  });
  const pid = child.pid ?? 0;
  let tree = 0;
  let own = 0;
  const sampler = setInterval(() => {
    tree = Math.max(tree, treeBytes(pid));
    own = Math.max(own, residentBytes(pid));
  }, SAMPLE_MS);
  const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
  try {
    const [code] = await once(child, "close");
    return {
      startedAtMs,
      wallMs: now() - startedAtMs,
      cpuSeconds: childrenCpu() - cpuBefore,
      treeMiB: tree / 2 ** 20,
      ownMiB: own / 2 ** 20,
      code: code ?? -1,
      stderr,
    };
  } finally {
    clearInterval(sampler);
    clearTimeout(timer);
  }
}

/**
 * A running scripted model server. `take` gives the requests seen since it was last called.
 * @typedef {{ url: string, port: number, take: () => { atMs: number, bytes: number }[], close: () => Promise<void> }} ModelServer
 */

/**
 * @param {import("./model-server.mjs").ServerScenario} scenario
 * @returns {Promise<ModelServer>}
 */
export async function startModelServer(scenario) {
  const entry = fileURLToPath(new URL("./model-server.mjs", import.meta.url));
  const child = fork(entry, [JSON.stringify(scenario)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  /** @type {{ atMs: number, bytes: number }[]} */
  let requests = [];
  /** @type {{ url: string, port: number }} */
  const address = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the model server ended with exit code ${code}`)));
    child.on("message", (/** @type {import("./model-server.mjs").ServerMessage} */ message) => {
      if (message.type === "listening") resolve(message);
      else requests.push(message);
    });
  });
  return {
    ...address,
    take: () => {
      const taken = requests;
      requests = [];
      return taken;
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2
    ? Number(sorted[middle])
    : (Number(sorted[middle - 1]) + Number(sorted[middle])) / 2;
}

/** @param {number[]} values */
export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
