import { readFileSync, readlinkSync } from "node:fs";

/** Names one process on this machine for as long as it lives, across reuse of its number. */
export function processIdentity(pid: number): string | undefined {
  const started = startTime(pid);
  return started === undefined ? undefined : `${pid}.${started}.${pidNamespace()}`;
}

/** Whether the named process still runs. One from another pid namespace cannot be seen, so it counts as running. */
export function isAlive(identity: string): boolean {
  const [pid, started, namespace] = identity.split(".");
  if (namespace !== pidNamespace()) return true;
  return started !== undefined && startTime(Number(pid)) === started;
}

function startTime(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything; the start time is the 20th field after it.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    // No such process any more.
    return undefined;
  }
}

let namespace: string | undefined;

/** A constant of this process, so it is read once. */
function pidNamespace(): string {
  namespace ??= /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  return namespace;
}
