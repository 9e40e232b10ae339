import { readdirSync, readFileSync } from "node:fs";
import { type ProcessStatus, readProcessStatus } from "./process-status.ts";

/** Whether a process exists and is more than an uncollected exit status. */
export function isRunning(pid: number): boolean {
  return readProcessStatus(pid)?.running ?? false;
}

function allProcesses(): ProcessStatus[] {
  return readdirSync("/proc").flatMap((name) =>
    /^\d+$/.test(name) ? (readProcessStatus(Number(name)) ?? []) : [],
  );
}

/** The running processes of a group. Linux only. */
export function groupMembers(group: number): number[] {
  return allProcesses()
    .filter((entry) => entry.group === group && entry.running)
    .map((entry) => entry.pid);
}

/** Every process below `root`, nearest first, without `root` itself. Linux only. */
export function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of allProcesses()) {
    const siblings = children.get(entry.parent);
    if (siblings) siblings.push(entry.pid);
    else children.set(entry.parent, [entry.pid]);
  }
  const found: number[] = [];
  const queue = [root];
  for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
    const below = children.get(pid) ?? [];
    found.push(...below);
    queue.push(...below);
  }
  return found;
}

/**
 * The same as `[root, ...descendants(root)]`, asking only the processes concerned instead of every one on the machine:
 * for a tree that is being watched while it grows. Undefined where the kernel was built without these lists.
 */
export function family(root: number): number[] | undefined {
  const found = [root];
  for (const pid of found) {
    const children = childrenOf(pid);
    if (children === "unsupported") return undefined;
    found.push(...children);
  }
  return found;
}

/** Each thread has a list of what it started. */
function childrenOf(pid: number): number[] | "unsupported" {
  try {
    const tasks = `/proc/${pid}/task`;
    return readdirSync(tasks).flatMap((thread) =>
      readFileSync(`${tasks}/${thread}/children`, "latin1").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    // A process that ended has none; for one that runs, the file is missing.
    return isRunning(pid) ? "unsupported" : [];
  }
}

/** Sends a signal; a process (or, for a negative number, a group) that is gone already is not an error. */
export function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // ESRCH: gone. EPERM: it changed identity, so it is beyond us in any case.
    return false;
  }
}

/** What is about to happen is asked for this often without a timer, which cannot be shorter than a millisecond. */
const EAGER_ROUNDS = 20;

/** Waits until `gone` answers true, looking ever less often. False after `timeoutMs`. */
export async function waitUntil(gone: () => boolean, timeoutMs: number): Promise<boolean> {
  for (let round = 0; round < EAGER_ROUNDS; round++) {
    if (gone()) return true;
    await new Promise((resolve) => setImmediate(resolve));
  }
  let pause = 1;
  for (let waited = 0; waited < timeoutMs; waited += pause) {
    if (gone()) return true;
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 2, 20);
  }
  return gone();
}
