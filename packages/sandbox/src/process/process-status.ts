import { readFileSync } from "node:fs";

/** One process as Linux describes it in proc(5) stat. */
export interface ProcessStatus {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** One letter. */
  readonly state: string;
  /** In clock ticks since boot: together with the number it names a process for as long as the machine runs. */
  readonly startTime: string;
  /** False for one that is only an uncollected exit status. */
  readonly running: boolean;
}

/** Undefined when there is no such process, or no /proc. */
export function readProcessStatus(pid: number): ProcessStatus | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything, so count from its end.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state = "", parent, group] = fields;
    const running = state !== "Z" && state !== "X";
    return { pid, parent: Number(parent), group: Number(group), state, startTime: fields[19] ?? "", running };
  } catch {
    // It ended meanwhile, or this is another system.
    return undefined;
  }
}
