import { spawn } from "node:child_process";

/** One program to run to its end. Nothing is inherited but what stands here. */
export interface ProcessRequest {
  /** Absolute. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Without it the program reads end-of-file. */
  readonly stdin?: string | Uint8Array;
  /** The program is ended when it has written more than this. */
  readonly maxOutputBytes: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** `ended` says why we ended it; absent when it exited by itself. */
export interface ProcessResult {
  /** Null after a signal. */
  readonly exitCode: number | null;
  /** At most `maxOutputBytes`. */
  readonly stdout: Buffer;
  /** At most 16 KiB, the beginning. */
  readonly stderr: string;
  readonly ended?: "timed-out" | "interrupted" | "output-too-large";
}

/** Rejects only when the program could not be started. */
export type RunProcess = (request: ProcessRequest) => Promise<ProcessResult>;

const MOST_ERROR_BYTES = 16 * 1024;

/** Keeps what arrives up to a limit, and says when it was passed. */
class BoundedBytes {
  readonly #limit: number;
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when not everything fitted. */
  add(chunk: Buffer): boolean {
    const room = this.#limit - this.#size;
    if (room > 0) this.#chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    this.#size += chunk.length;
    return this.#size <= this.#limit;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/** Runs a program in a process group of its own, all of which is killed when it has to end early. */
export const runProcess: RunProcess = (request) =>
  new Promise((resolve, reject) => {
    if (request.signal?.aborted) {
      resolve({ exitCode: null, stdout: Buffer.alloc(0), stderr: "", ended: "interrupted" });
      return;
    }
    const child = spawn(request.file, [...request.args], {
      cwd: request.cwd,
      env: { ...request.env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    const stdout = new BoundedBytes(request.maxOutputBytes);
    const stderr = new BoundedBytes(MOST_ERROR_BYTES);
    let ended: ProcessResult["ended"];
    const end = (reason: NonNullable<ProcessResult["ended"]>) => {
      ended ??= reason;
      killGroup(child.pid);
    };
    const timer = setTimeout(() => end("timed-out"), request.timeoutMs);
    const interrupt = () => end("interrupted");
    request.signal?.addEventListener("abort", interrupt, { once: true });
    const release = () => {
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", interrupt);
    };
    child.stdout.on("data", (chunk: Buffer) => {
      if (!stdout.add(chunk)) end("output-too-large");
    });
    child.stderr.on("data", (chunk: Buffer) => stderr.add(chunk));
    // A program that stops reading early reports itself by its exit code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(request.stdin ?? "");
    child.once("error", (error) => {
      release();
      if (child.pid === undefined) reject(error);
    });
    child.once("close", (exitCode) => {
      release();
      resolve({
        exitCode,
        stdout: stdout.bytes(),
        stderr: stderr.bytes().toString("utf8"),
        ...(ended ? { ended } : {}),
      });
    });
  });

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}
