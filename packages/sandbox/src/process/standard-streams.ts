import type { ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import type { PipePool } from "./pipe-pool.ts";

/** Our ends of a process's standard streams; null where it has none of ours. */
export interface StandardStreams {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
}

/** Descriptors or words for the first three places of a child, and what becomes of them. */
export interface StandardEnds {
  readonly child: readonly [number | "pipe" | "ignore", number | "pipe", number | "pipe"];
  /** Closes the child's ends, which it has by then, and gives ours. */
  connect(child: ChildProcess): StandardStreams;
  /** Closes everything after a start that failed. */
  abandon(): void;
}

/** Pipes for a child; sockets made by Node where the pool has no pipe. */
export async function openStandardEnds(
  stdin: "pipe" | "ignore",
  pool: PipePool | undefined,
): Promise<StandardEnds> {
  await pool?.ready(stdin === "pipe" ? 3 : 2);
  const input = stdin === "pipe" ? pool?.input() : undefined;
  const output = pool?.output();
  const errors = pool?.output();
  const theirs = [input?.read, output?.write, errors?.write];
  const closeTheirs = (): void => {
    for (const descriptor of theirs) if (descriptor !== undefined) closeSync(descriptor);
  };
  return {
    child: [input?.read ?? stdin, output?.write ?? "pipe", errors?.write ?? "pipe"],
    connect(child) {
      closeTheirs();
      return {
        stdin: input ? new Socket({ fd: input.write, readable: false, writable: true }) : child.stdin,
        stdout: output ? reader(output.read) : child.stdout,
        stderr: errors ? reader(errors.read) : child.stderr,
      };
    },
    abandon() {
      closeTheirs();
      for (const descriptor of [input?.write, output?.read, errors?.read]) {
        if (descriptor !== undefined) closeSync(descriptor);
      }
    },
  };
}

function reader(descriptor: number): Socket {
  return new Socket({ fd: descriptor, readable: true, writable: false });
}
