import { readdirSync, readFileSync } from "node:fs";
import type { SandboxNotice } from "../command.ts";
import type { ProcessEnd, ProcessLifetime } from "../process/process-lifetime.ts";
import { descendants, groupMembers, sendSignal, waitUntil } from "../process/process-tree.ts";

/** Set for every command, so that processes which left its group and its parents can still be found. */
export const RUN_MARK = "QUIRE_RUN";

const TERM_GRACE_MS = 300;
const SETTLE_MS = 2000;

/**
 * Without a sandbox a command is a process group. When it ends, what is left of the group is ended too; a daemon that
 * left the group on purpose stays, unless the command is killed.
 */
export class ProcessGroupLifetime implements ProcessLifetime {
  readonly #pid: number;
  readonly #mark: string;
  readonly #linux: boolean;

  constructor(pid: number, mark: string, platform: NodeJS.Platform) {
    this.#pid = pid;
    this.#mark = mark;
    this.#linux = platform === "linux";
  }

  signal(signal: "SIGTERM" | "SIGKILL"): void {
    const strays = this.#linux ? new Set([...descendants(this.#pid), ...this.#marked()]) : new Set<number>();
    sendSignal(-this.#pid, signal);
    for (const pid of strays) sendSignal(pid, signal);
  }

  async settle(): Promise<void> {
    if (!this.#groupExists()) return;
    sendSignal(-this.#pid, "SIGTERM");
    if (await waitUntil(() => !this.#groupExists(), TERM_GRACE_MS)) return;
    sendSignal(-this.#pid, "SIGKILL");
    await waitUntil(() => !this.#groupExists(), SETTLE_MS);
  }

  interpret(code: number | null, signal: NodeJS.Signals | null): ProcessEnd {
    return signal === null ? { kind: "exited", code: code ?? 0 } : { kind: "signaled", signal };
  }

  finish(): Promise<readonly SandboxNotice[]> {
    return Promise.resolve([]);
  }

  #groupExists(): boolean {
    // A group of exit statuses that its parent never collects counts as gone.
    return sendSignal(-this.#pid, 0) && (!this.#linux || groupMembers(this.#pid).length > 0);
  }

  #marked(): number[] {
    const wanted = `${RUN_MARK}=${this.#mark}`;
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && environmentOf(name).split("\0").includes(wanted))
      .map(Number);
  }
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    // Another user's, or ended.
    return "";
  }
}
