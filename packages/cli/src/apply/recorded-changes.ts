import fs from "node:fs";
import { parseRollout, readTurns, type StoredThread } from "@quire/core";
import type { FileUpdateChange } from "@quire/protocol";

/** Every change that patches of a thread made, oldest first. What was taken back is not among them. */
export function recordedChanges(thread: StoredThread): FileUpdateChange[] {
  const { records } = parseRollout(fs.readFileSync(thread.path));
  return readTurns(records)
    .flatMap((turn) => turn.items)
    .flatMap((item) => (item.type === "fileChange" && item.status === "completed" ? item.changes : []));
}
