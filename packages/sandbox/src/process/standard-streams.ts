import type { ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import type { Pipe, PipePool } from "./pipe-pool.ts";

/** Our ends of a process's standard streams; null where it has none of ours. */
export interface StandardStreams {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
}

/** Descriptors or words for the first three places of a child, and what becomes of them. */
export interface StandardEnds {
  readonly child: readonly ["pipe" | "ignore", number | "pipe", number | "pipe"];
  /** Closes the child's ends, which it has by then, and gives ours. */
  connect(child: ChildProcess): StandardStreams;
  /** Closes everything after a start that failed. */
  abandon(): void;
}

/** Pipes for what a child writes, a socket for what it reads; sockets also where the pool has no pipe. */
export async function openStandardEnds(
  stdin: "pipe" | "ignore",
  pool: PipePool | undefined,
): Promise<StandardEnds> {
  await pool?.ready(2);
  const output = pool?.take();
  const errors = pool?.take();
  const close = (side: keyof Pipe): void => {
    for (const pipe of [output, errors]) if (pipe) closeSync(pipe[side]);
  };
  return {
    child: [stdin, output?.write ?? "pipe", errors?.write ?? "pipe"],
    connect(child) {
      close("write");
      return {
        stdin: child.stdin,
        stdout: output ? reader(output.read) : child.stdout,
        stderr: errors ? reader(errors.read) : child.stderr,
      };
    },
    abandon() {
      close("write");
      close("read");
    },
  };
}

function reader(descriptor: number): Socket {
  return new Socket({ fd: descriptor, readable: true, writable: false });
}
