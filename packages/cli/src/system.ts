import { randomBytes } from "node:crypto";
import os from "node:os";
import type { Readable, Writable } from "node:stream";

/**
 * The process as the commands see it. This is the only place that reads globals; everything below gets what it needs as
 * parameters, so a test can run a command with another world around it.
 */
export interface System {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly homeDir: string;
  readonly hostname: string;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly pid: number;
  readonly uid: number;
  /** What starts this very program again: the file, and what stands before our own arguments. */
  readonly self: { readonly file: string; readonly args: readonly string[] };
  readonly stdin: Readable & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };
  readonly stdout: Writable & { isTTY?: boolean; columns?: number; rows?: number };
  readonly stderr: Writable & { isTTY?: boolean; columns?: number };
  /** Unix milliseconds. */
  now(): number;
  /** Milliseconds that never jump. */
  monotonicMs(): number;
  randomBytes(count: number): Uint8Array;
  random(): number;
  sleep(ms: number): Promise<void>;
  /** Calls back at Ctrl-C, SIGTERM or SIGHUP until the returned function is called. */
  onStop(listener: (signal: NodeJS.Signals) => void): () => void;
  /** Calls back at an error that nothing has caught, which then does not end the process. */
  onFault(listener: (error: unknown) => void): () => void;
  /** Stops this process as Ctrl-Z does; resolves when it goes on, or at once where nobody could continue it. */
  suspend(): Promise<void>;
}

/** `cwd` throws when the directory was removed; that is the caller's to report. */
export function systemOfProcess(): System {
  return {
    env: process.env,
    cwd: process.cwd(),
    homeDir: process.env.HOME || os.homedir(),
    hostname: os.hostname(),
    platform: process.platform,
    arch: process.arch,
    pid: process.pid,
    uid: process.getuid?.() ?? -1,
    self: { file: process.execPath, args: [...process.execArgv, ...process.argv.slice(1, 2)] },
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    randomBytes: (count) => randomBytes(count),
    random: () => Math.random(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    onStop(listener) {
      const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
    onFault(listener) {
      const events = ["uncaughtException", "unhandledRejection"] as const;
      for (const event of events) process.on(event, listener);
      return () => {
        for (const event of events) process.off(event, listener);
      };
    },
    suspend() {
      process.kill(process.pid, "SIGTSTP");
      // While the process is stopped, time stands still for it.
      return new Promise((resolve) => setTimeout(resolve, 50));
    },
  };
}
