import { forgottenLines } from "./forgotten-lines.ts";
import { isRevert, lastLineWith } from "./rollout-lines.ts";
import { parseRollout, type RolloutContents } from "./rollout-reader.ts";

const MARK = '"type":"compacted","payload":{';
const NEWLINE = 10;

/**
 * Reads a log as far as a thread needs it to go on: its first line, and everything from its last compaction that holds a
 * checkpoint. What the checkpoint sums up is not read, so a long thread is opened as fast as a short one; damage there is
 * not noticed either, and does not matter to what comes next. A revert may reach back behind the compaction, so then, and
 * without a checkpoint, the whole log is read, but for the lines that say what later ones say anew.
 */
export function readForResume(data: Buffer): RolloutContents {
  const from = lastLineWith(data, MARK, data.length);
  if (from <= 0) return readWhole(data);
  const late = parseRollout(data.subarray(from));
  const [compacted] = late.records;
  const isWhole = compacted?.type === "compacted" && compacted.payload.checkpoint !== undefined;
  if (!isWhole || late.records.some(isRevert)) return readWhole(data);
  const first = parseRollout(data.subarray(0, data.indexOf(NEWLINE) + 1));
  return {
    ...late,
    records: [...first.records, ...late.records],
    damage: [...first.damage, ...withLinesBefore(late.damage, data, from)],
    wholeBytes: from + late.wholeBytes,
  };
}

/** With damage, or a revert, an earlier line may count after all. */
function readWhole(data: Buffer): RolloutContents {
  const contents = parseRollout(data, forgottenLines(data));
  return contents.damage.length > 0 || contents.records.some(isRevert) ? parseRollout(data) : contents;
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
