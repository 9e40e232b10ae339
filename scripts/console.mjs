/** What the scripts share at the terminal: colours, progress on anything over a second, and running a program. */
import { spawn } from "node:child_process";

/**
 * Colours are for people: off with NO_COLOR, off when the stream is not a terminal, on with FORCE_COLOR.
 * @param {NodeJS.WriteStream} [stream]
 */
export function wantsColour(stream = process.stdout) {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "0") return true;
  return Boolean(stream.isTTY);
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

/** @param {keyof typeof CODES} colour @param {string} text */
export function paint(colour, text) {
  return wantsColour() ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;
}

/** @param {number} ms */
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Waits for `work` and, once it has taken a second, says that it is still going: in place on a terminal, otherwise as
 * a line at 1 s and then every 10 s.
 * @template T
 * @param {string} label
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withProgress(label, work) {
  const start = performance.now();
  const { stdout } = process;
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
    const line = `… ${label} (${Math.round((performance.now() - start) / 1000)} s)`;
    if (stdout.isTTY) stdout.write(`\r${line.slice(0, (stdout.columns ?? 80) - 1)}`);
    else if (ticks === 1 || ticks % 10 === 0) stdout.write(`${line}\n`);
  }, 1000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (stdout.isTTY && ticks > 0) stdout.write("\r\u001b[K");
  }
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] replaces the environment
 * @property {boolean} [live] shows the program's output as it comes, besides returning it
 * @property {string} [stdin] fed to the program; nothing by default
 * @property {number} [timeoutMs] ends the program when it takes longer; it then answers 124
 *
 * @typedef {object} RunResult
 * @property {number} code exit code; 127 when the program could not be started, 128 + n when signal n ended it
 * @property {string} stdout
 * @property {string} output stdout and stderr in the order they arrived
 * @property {number} ms
 */

const SIGNALS = /** @type {Record<string, number>} */ ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 });

/**
 * Runs a program to its end. Never throws for a failing program: the exit code says it.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export function run(command, args, options = {}) {
  const start = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: [options.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      output += text;
      if (options.live) process.stdout.write(text);
    });
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      output += text;
      if (options.live) process.stderr.write(text);
    });
    if (options.stdin !== undefined) {
      child.stdin?.on("error", () => {}); // the program may end without reading its input
      child.stdin?.end(options.stdin);
    }
    let late = false;
    const timer = options.timeoutMs
      ? setTimeout(() => {
          late = true;
          child.kill("SIGKILL");
        }, options.timeoutMs)
      : undefined;
    /** @param {number} code */
    const finish = (code) => {
      clearTimeout(timer);
      if (late) output += `${command} was ended after ${seconds(options.timeoutMs ?? 0)}\n`;
      resolve({ code: late ? 124 : code, stdout, output, ms: performance.now() - start });
    };
    child.on("error", (error) => {
      output += `${command} could not be started: ${error.message}\n`;
      finish(127);
    });
    child.on("close", (code, signal) => finish(code ?? 128 + (SIGNALS[signal ?? ""] ?? 0)));
  });
}
