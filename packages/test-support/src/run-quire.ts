import { type ChildProcess, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "./temporary-directory.ts";

/** The command under test: `bin/quire` at the root of this repository. */
export const QUIRE_BIN = fileURLToPath(new URL("../../../bin/quire", import.meta.url));

const DEFAULT_TIMEOUT_MS = 60_000;

export interface RunQuireOptions {
  /** Added to a small environment: PATH, HOME, QUIRE_HOME, LANG, TERM=dumb. Undefined takes a variable away. */
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  /** Written to standard input, which is then closed. Absent: standard input is empty. */
  stdin?: string;
  /** A directory of the caller's that is HOME, with QUIRE_HOME inside it. Absent: a new one, removed afterwards. */
  home?: string;
  /** After this the process group is killed and `timedOut` is true. Default 60,000: room for a busy machine. */
  timeoutMs?: number;
  /** Kills the process group when it aborts. */
  signal?: AbortSignal;
  /** Sees output as it comes, for tests that act on it. */
  onStdout?: (text: string) => void;
  onStderr?: (text: string) => void;
  /** Gets the running process, for tests that signal it. */
  onStart?: (child: ChildProcess) => void;
  /** Instead of `bin/quire`. */
  command?: string;
}

export interface QuireRun {
  /** Null when a signal ended it. */
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
  durationMs: number;
}

/** The directory that is QUIRE_HOME for a given HOME. */
export function quireHomeIn(home: string): string {
  return join(home, ".quire");
}

/** Runs the command in a process group of its own and kills what is left of the group when it ends. */
export async function runQuire(args: readonly string[], options: RunQuireOptions = {}): Promise<QuireRun> {
  if (options.home !== undefined) return await runIn(options.home, args, options);
  await using home = await temporaryDirectory("quire-home-");
  return await runIn(home.path, args, options);
}

async function runIn(home: string, args: readonly string[], options: RunQuireOptions): Promise<QuireRun> {
  const quireHome = quireHomeIn(home);
  await mkdir(quireHome, { recursive: true });
  const started = performance.now();
  const child = spawn(options.command ?? QUIRE_BIN, [...args], {
    cwd: options.cwd ?? home,
    env: environment(home, quireHome, options.env ?? {}),
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let timedOut = false;
  const kill = (): void => killGroup(child);
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  options.signal?.addEventListener("abort", kill, { once: true });
  const stdout = collect(child.stdout, options.onStdout);
  const stderr = collect(child.stderr, options.onStderr);
  // A process that ends without reading its input closes the pipe, which is its right.
  child.stdin.on("error", () => {});
  child.stdin.end(options.stdin ?? "");
  options.onStart?.(child);
  try {
    const { exitCode, signal } = await ended(child);
    // What it left running holds the pipes open; it is ended first so that the output is complete and the test too.
    kill();
    const output = { stdout: await stdout, stderr: await stderr };
    return { exitCode, signal, ...output, timedOut, durationMs: performance.now() - started };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", kill);
    kill();
  }
}

function environment(
  home: string,
  quireHome: string,
  extra: Readonly<Record<string, string | undefined>>,
): NodeJS.ProcessEnv {
  const base = { PATH: process.env.PATH, HOME: home, QUIRE_HOME: quireHome, LANG: "C.UTF-8", TERM: "dumb" };
  const all = Object.entries({ ...base, ...extra });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

function ended(child: ChildProcess): Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

function collect(stream: NodeJS.ReadableStream, each?: (text: string) => void): Promise<string> {
  return new Promise((resolve) => {
    const pieces: string[] = [];
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      pieces.push(text);
      each?.(text);
    });
    stream.once("close", () => resolve(pieces.join("")));
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // No process of the group is left.
  }
}
