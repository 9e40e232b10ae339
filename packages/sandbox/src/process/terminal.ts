import { closeSync } from "node:fs";
import { createRequire } from "node:module";
import { ReadStream } from "node:tty";
import type { CommandSpec, StartOutcome } from "../command.ts";
import type { Standard } from "./launch.ts";
import type { PipePool } from "./pipe-pool.ts";

/** The part of node-pty's native module used here: it opens the pair, we start the process. */
interface NativePty {
  open(cols: number, rows: number): { master: number; slave: number; pty: string };
  resize(master: number, cols: number, rows: number): void;
}

/** Our side of a pseudo-terminal. */
export interface Terminal {
  /** The device side, to hand to the command. */
  readonly descriptor: number;
  /** Bytes from the command; writing types to it. Ends when the last process has closed the device. */
  readonly stream: ReadStream;
  resize(cols: number, rows: number): void;
  /** Closes the device side here; call when the command is gone and its output was read. */
  releaseDevice(): void;
}

let native: NativePty | undefined;

/** Loaded on first use: the module maps a shared library and most sessions never need it. */
function loadNative(): NativePty {
  if (native === undefined) {
    // Its public API forks by itself and passes no descriptors, so take the two primitives below it.
    const require = createRequire(import.meta.url);
    const { requireBinary } = require("@lydell/node-pty/requireBinary.js") as {
      requireBinary(file: string): NativePty;
    };
    native = requireBinary("pty.node");
  }
  return native;
}

/** Opens a pseudo-terminal of the given size. Throws when the platform has no native module. */
export function openTerminal(size: { readonly cols: number; readonly rows: number }): Terminal {
  const module = loadNative();
  const pair = module.open(dimension(size.cols), dimension(size.rows));
  const stream = new ReadStream(pair.master);
  let slaveOpen = true;
  return {
    descriptor: pair.slave,
    stream,
    resize(cols, rows) {
      if (!stream.destroyed) module.resize(pair.master, dimension(cols), dimension(rows));
    },
    releaseDevice() {
      if (slaveOpen) closeSync(pair.slave);
      slaveOpen = false;
    },
  };
}

function dimension(value: number): number {
  return Math.min(Math.max(Math.trunc(value) || 1, 1), 10_000);
}

/** How a command's standard streams are connected; `terminal` is the one opened for it, if it asked for one. */
export function standardOf(
  spec: CommandSpec,
  terminal: Terminal | undefined,
  pool: PipePool | undefined,
): Standard {
  if (terminal) return { kind: "terminal", descriptor: terminal.descriptor };
  return spec.inherit ? { kind: "inherit" } : { kind: "pipes", stdin: spec.stdin ?? "ignore", pool };
}

/** The answer to a command that wants a terminal on a system that cannot give it one. */
export const NO_TERMINALS: StartOutcome = {
  kind: "failed",
  code: "spawn-failed",
  message:
    "a terminal needs the program setsid (from util-linux) outside the writable folders; run the command without a terminal",
};
