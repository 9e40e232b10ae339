import { type RecordedTurn, readTurns } from "./recorded-turns.ts";
import { isRevert, lastLineWith } from "./rollout-lines.ts";
import { parseRollout } from "./rollout-reader.ts";

const MARK = '"type":"event_msg","payload":{"type":"task_started"';

/**
 * The last turns of a log that still count, oldest first: at least `count` where there are as many. Read from the end, so
 * that the end of a long thread is shown as fast as that of a short one. A revert may reach back behind what was read, so
 * with one everything is.
 */
export function readLastTurns(data: Buffer, count: number): RecordedTurn[] {
  let from = data.length;
  for (let turn = 0; turn < count; turn += 1) {
    const before = lastLineWith(data, MARK, from);
    if (before === -1) return readTurns(parseRollout(data).records);
    from = before;
  }
  const { records } = parseRollout(data.subarray(from));
  if (records.some(isRevert)) return readTurns(parseRollout(data).records);
  // A command may end long after its turn: what is told of turns before the first is not one of them.
  const begun = new Set(
    records.flatMap((record) =>
      record.type === "event_msg" && record.payload.type === "task_started" ? [record.payload.turn_id] : [],
    ),
  );
  return readTurns(records).filter(({ id }) => begun.has(id));
}
