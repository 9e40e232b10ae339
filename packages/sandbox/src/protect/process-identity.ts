import { readlinkSync } from "node:fs";
import { readProcessStatus } from "../process/process-status.ts";

/** Names one process on this machine for as long as it lives, across reuse of its number. */
export function processIdentity(pid: number): string | undefined {
  const started = readProcessStatus(pid)?.startTime;
  return started === undefined ? undefined : `${pid}.${started}.${pidNamespace()}`;
}

/** Whether the named process still runs. One from another pid namespace cannot be seen, so it counts as running. */
export function isAlive(identity: string): boolean {
  const [pid, started, namespace] = identity.split(".");
  if (namespace !== pidNamespace()) return true;
  return started !== undefined && readProcessStatus(Number(pid))?.startTime === started;
}

let namespace: string | undefined;

/** A constant of this process, so it is read once. */
function pidNamespace(): string {
  namespace ??= /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  return namespace;
}
