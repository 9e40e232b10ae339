import type { RolloutRecord } from "@quire/protocol";

/** What a line of ours begins with. Quotes inside a text are escaped, so no text can look like this. */
const LINE_START = /^\{"timestamp":"[^"\\]{1,40}","ordinal":\d+,$/;
const NEWLINE = 10;

/** Where the last line before `end` begins that has `mark` right behind its time and ordinal; -1 without one. */
export function lastLineWith(data: Buffer, mark: string, end: number): number {
  let before = end;
  while (before > 0) {
    const at = data.lastIndexOf(mark, before - 1, "latin1");
    if (at === -1) return -1;
    const start = data.lastIndexOf(NEWLINE, at) + 1;
    if (LINE_START.test(data.toString("latin1", start, at))) return start;
    before = at;
  }
  return -1;
}

export function isRevert(record: RolloutRecord): boolean {
  return record.type === "event_msg" && record.payload.type === "thread_reverted";
}
