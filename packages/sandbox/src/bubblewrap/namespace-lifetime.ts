import { closeSync, readSync } from "node:fs";
import type { SandboxNotice } from "../command.ts";
import type { ProcessEnd, ProcessLifetime } from "../process/process-lifetime.ts";
import { descendants, isRunning, sendSignal, waitUntil } from "../process/process-tree.ts";

/** Every process of a namespace dies with its first; the kernel needs moments, unless the disk hangs. */
const SETTLE_MS = 5000;

/** More than the sandbox program ever writes to its status file. */
export const STATUS_BYTES = 512;

export interface NamespaceLifetimeOptions {
  /** The sandbox program on the host. */
  readonly pid: number;
  /** Where it writes its status; closed at the end. */
  readonly statusDescriptor: number;
  readonly finish: () => Promise<readonly SandboxNotice[]>;
}

/** Ends, and waits for the end of, everything in one command's pid namespace. */
export class NamespaceLifetime implements ProcessLifetime {
  readonly #options: NamespaceLifetimeOptions;

  constructor(options: NamespaceLifetimeOptions) {
    this.#options = options;
  }

  signal(signal: "SIGTERM" | "SIGKILL"): void {
    const first = readStatus(this.#options.statusDescriptor).firstProcess;
    const inside = first === undefined ? [] : descendants(first);
    // Before the command exists there is nobody to ask.
    if (signal === "SIGKILL" || inside.length === 0) sendSignal(first ?? this.#options.pid, "SIGKILL");
    else for (const pid of inside) sendSignal(pid, signal);
  }

  async settle(): Promise<void> {
    const first = readStatus(this.#options.statusDescriptor).firstProcess;
    if (first === undefined || !isRunning(first)) return;
    sendSignal(first, "SIGKILL");
    await waitUntil(() => !isRunning(first), SETTLE_MS);
  }

  interpret(code: number | null, signal: NodeJS.Signals | null): ProcessEnd {
    if (signal !== null) return { kind: "signaled", signal };
    // Without a reported exit code the program gave up before the command started.
    return readStatus(this.#options.statusDescriptor).exitCode === undefined
      ? { kind: "failed" }
      : { kind: "exited", code: code ?? 0 };
  }

  async finish(): Promise<readonly SandboxNotice[]> {
    closeSync(this.#options.statusDescriptor);
    return this.#options.finish();
  }
}

/** What the sandbox program has written to its status file so far. */
export function readStatus(descriptor: number): {
  /** On the host, the number of the namespace's first process. */
  readonly firstProcess: number | undefined;
  /** Reported only when the command was really started. */
  readonly exitCode: number | undefined;
} {
  const bytes = Buffer.alloc(STATUS_BYTES);
  const length = readSync(descriptor, bytes, 0, bytes.length, 0);
  const text = bytes.toString("latin1", 0, length);
  return { firstProcess: field(text, "child-pid"), exitCode: field(text, "exit-code") };
}

function field(text: string, name: string): number | undefined {
  const value = new RegExp(`"${name}":\\s*(\\d+)`).exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}
