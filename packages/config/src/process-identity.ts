import fs from "node:fs";

/** A process as others can recognise it: a pid alone may have been given to somebody else since. */
export interface ProcessIdentity {
  pid: number;
  /** Start time in clock ticks since boot (field 22 of proc(5) stat); empty where the system does not tell. */
  startTime: string;
  host: string;
}

/** Start time of a process on Linux, "" when there is no such process or the system has no /proc. */
export function processStartTime(pid: number): string {
  return readStat(pid)?.startTime ?? "";
}

/** Fields 3 and 22 of proc(5) stat; the name in field 2 may hold spaces and brackets. */
function readStat(pid: number): { state: string; startTime: string } | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", startTime: fields[19] ?? "" };
  } catch {
    // No such process, or a system without /proc.
    return null;
  }
}

/** Whether it runs now: same host, a process with that pid that is no zombie, and the start time that was recorded. */
export function isProcessAlive(self: Pick<ProcessIdentity, "host">, owner: ProcessIdentity): boolean {
  if (owner.host !== self.host) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EPERM")) return false;
  }
  const stat = readStat(owner.pid);
  if (stat === null) return true;
  if (stat.state === "Z" || stat.state === "X") return false;
  return owner.startTime === "" || stat.startTime === owner.startTime;
}
