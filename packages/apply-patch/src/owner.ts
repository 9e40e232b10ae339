import { readFileSync } from "node:fs";

/** Tells whether the process that began a patch still runs, so that nobody recovers a patch under its hands. */
export interface PatchOwner {
  /** Names this process, and no later one that gets the same process id. */
  readonly token: string;
  isAlive(token: string): boolean;
}

/** The running process. Where /proc is missing, a process id alone is the name. */
export function processOwner(): PatchOwner {
  return { token: tokenOf(process.pid), isAlive };
}

function isAlive(token: string): boolean {
  const pid = Number.parseInt(token, 10);
  return pid > 0 && isRunning(pid) && tokenOf(pid) === token;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function tokenOf(pid: number): string {
  return `${pid}:${startTime(pid)}`;
}

/** Clock ticks since boot, field 22 of /proc/PID/stat; the name in field 2 may contain spaces and brackets. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    // No /proc on this system, or the process has just ended.
    return "";
  }
}
