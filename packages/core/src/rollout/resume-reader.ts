import { parseRollout, type RolloutContents } from "./rollout-reader.ts";

const MARK = '"type":"compacted","payload":{';
/** What a line of ours begins with. Quotes inside a text are escaped, so no text can look like this. */
const LINE_START = /^\{"timestamp":"[^"\\]{1,40}","ordinal":\d+,$/;
const NEWLINE = 10;

/**
 * Reads a log as far as a thread needs it to go on: its first line, and everything from its last compaction that holds a
 * checkpoint. What the checkpoint sums up is not read, so a long thread is opened as fast as a short one; damage there is
 * not noticed either, and does not matter to what comes next. A revert may reach back behind the compaction, so then, and
 * without a checkpoint, everything is read.
 */
export function readForResume(data: Buffer): RolloutContents {
  const from = lastCompactedLine(data);
  if (from <= 0) return parseRollout(data);
  const late = parseRollout(data.subarray(from));
  const [compacted] = late.records;
  const isWhole = compacted?.type === "compacted" && compacted.payload.checkpoint !== undefined;
  if (!isWhole || late.records.some(isRevert)) return parseRollout(data);
  const first = parseRollout(data.subarray(0, data.indexOf(NEWLINE) + 1));
  return {
    ...late,
    records: [...first.records, ...late.records],
    damage: [...first.damage, ...withLinesBefore(late.damage, data, from)],
    wholeBytes: from + late.wholeBytes,
  };
}

/** Where the last such line begins; -1 without one. */
function lastCompactedLine(data: Buffer): number {
  let before = data.length;
  while (before > 0) {
    const at = data.lastIndexOf(MARK, before - 1, "latin1");
    if (at === -1) return -1;
    const start = data.lastIndexOf(NEWLINE, at) + 1;
    if (LINE_START.test(data.toString("latin1", start, at))) return start;
    before = at;
  }
  return -1;
}

function isRevert(record: RolloutContents["records"][number]): boolean {
  return record.type === "event_msg" && record.payload.type === "thread_reverted";
}

function withLinesBefore(
  damage: RolloutContents["damage"],
  data: Buffer,
  from: number,
): RolloutContents["damage"] {
  if (damage.length === 0) return damage;
  let lines = 0;
  for (let at = data.indexOf(NEWLINE); at !== -1 && at < from; at = data.indexOf(NEWLINE, at + 1)) lines += 1;
  return damage.map((entry) => ({ ...entry, line: entry.line + lines }));
}
