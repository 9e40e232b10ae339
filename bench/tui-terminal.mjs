/** A program in a terminal of its own whose bytes we see as they are written: util-linux's `script` has the other end. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

/** @typedef {ReturnType<typeof openTerminal>} BenchTerminal */

/** @param {string[]} words */
export function shellCommand(words) {
  return words
    .map((word) => (/^[\w./=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
}

/**
 * @param {string[]} command @param {{ cwd: string, env: NodeJS.ProcessEnv }} world
 * @param {{ columns: number, rows: number }} size
 */
export function openTerminal(command, { cwd, env }, { columns, rows }) {
  const started = performance.now();
  const inner = `stty cols ${columns} rows ${rows}; exec ${shellCommand(command)}`;
  const child = spawn("script", ["-qfc", inner, "/dev/null"], {
    cwd,
    env: { ...env, TERM: "xterm-256color", LANG: "C.UTF-8", SHELL: "/bin/sh" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  /** @type {Set<() => void>} */
  const listeners = new Set();
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text) => {
    output += text;
    for (const listener of listeners) listener();
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const program = () => tree(child.pid ?? 0)[1] ?? 0;
  return {
    started,
    output: () => output,
    /** @param {string} keys */
    type: (keys) => child.stdin.write(keys),
    /**
     * When `wanted` was written after the place `from`, in milliseconds of this process; fails after a time.
     * @param {string} wanted @param {number} from @param {number} limitMs @returns {Promise<number>}
     */
    seen(wanted, from = 0, limitMs = 60_000) {
      return new Promise((resolve, reject) => {
        const look = () => {
          if (output.indexOf(wanted, from) === -1) return;
          done();
          resolve(performance.now());
        };
        const timer = setTimeout(() => {
          done();
          reject(
            new Error(`"${wanted}" was never written; the last was ${JSON.stringify(output.slice(-300))}`),
          );
        }, limitMs);
        const done = () => {
          clearTimeout(timer);
          listeners.delete(look);
        };
        listeners.add(look);
        look();
      });
    },
    /** The program itself: below `script` and its shell, which becomes the program. */
    pid: program,
    /** Also what the program has started. */
    async close() {
      for (const pid of tree(program()).reverse()) signal(pid);
      child.stdin.destroy();
      await ended;
    },
  };
}

/** @param {number} pid */
function signal(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

/** @param {number} pid @returns {number[]} */
export function tree(pid) {
  try {
    const below = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      .split(" ")
      .filter(Boolean)
      .map(Number);
    return [pid, ...below.flatMap(tree)];
  } catch {
    return []; // it has ended meanwhile
  }
}

/** @param {number} pid */
export function cost(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  return {
    cpu: [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) / TICKS_PER_SECOND,
    peakMiB: Number(peak) / 1024,
  };
}

/** @param {number} pid */
export function costOfTree(pid) {
  const all = tree(pid).map(cost);
  return {
    cpuSeconds: all.reduce((sum, { cpu }) => sum + cpu, 0),
    peakMiB: Math.max(0, ...all.map(({ peakMiB }) => peakMiB)),
  };
}
