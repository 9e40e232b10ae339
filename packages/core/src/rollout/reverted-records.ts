import { CodedError, type RolloutRecord } from "@quire/protocol";

/**
 * What a log holds after its reverts: everything of a taken-back turn and of the turns after it is left out, but for what
 * was spent. The lines themselves stay in the file, so a revert can be understood and audited.
 */
export function withoutReverted(records: readonly RolloutRecord[]): readonly RolloutRecord[] {
  if (!records.some((record) => revertedBefore(record) !== null)) return records;
  let kept: RolloutRecord[] = [];
  for (const record of records) {
    const before = revertedBefore(record);
    if (before === null) {
      kept.push(record);
      continue;
    }
    const from = kept.findIndex((candidate) => startedTurn(candidate) === before);
    if (from === -1) continue;
    kept = [...kept.slice(0, from), ...kept.slice(from).filter(({ type }) => type === "token_usage_record")];
  }
  return kept;
}

/** The records up to the end of a turn. Fails with `usage_invalid` when the thread has no such turn. */
export function recordsThrough(
  records: readonly RolloutRecord[],
  threadId: string,
  turnId: string,
): readonly RolloutRecord[] {
  const current = withoutReverted(records);
  const from = current.findIndex((record) => startedTurn(record) === turnId);
  if (from === -1) {
    throw new CodedError("usage_invalid", `thread ${threadId} has no turn ${turnId}`, {
      nextStep: "List its turns and give the id of one of them.",
    });
  }
  const next = current.findIndex((record, index) => index > from && startedTurn(record) !== null);
  return next === -1 ? current : current.slice(0, next);
}

/** The turn that begins with this record, or null. */
export function startedTurn(record: RolloutRecord): string | null {
  return record.type === "event_msg" && record.payload.type === "task_started"
    ? record.payload.turn_id
    : null;
}

function revertedBefore(record: RolloutRecord): string | null {
  return record.type === "event_msg" && record.payload.type === "thread_reverted"
    ? record.payload.before_turn_id
    : null;
}
