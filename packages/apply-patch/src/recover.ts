import { nodePatchFs, type PatchFs } from "./file-system.ts";
import { Folders } from "./folders.ts";
import { type JournalPhase, type JournalRecord, readJournals } from "./journal.ts";
import { type PatchOwner, processOwner } from "./owner.ts";
import { finishRecord, undoRecord } from "./settle.ts";

/** What became of one patch that a killed process left behind. */
export interface RecoveredPatch {
  readonly id: string;
  /**
   * `finished`: all new contents had been written, so they were put in place. `undone`: nothing remains of it.
   * `busy`: its process still runs; left alone. `failed`: see `reason`; left for another try.
   */
  readonly outcome: "finished" | "undone" | "busy" | "failed";
  /** Absolute paths of the files in the patch. */
  readonly paths: readonly string[];
  /** Those of them that somebody had changed since and that were left as they are. */
  readonly conflicts: readonly string[];
  readonly reason?: string;
}

export interface RecoverOptions {
  readonly fs?: PatchFs;
  readonly owner?: PatchOwner;
}

/**
 * Finishes or undoes every patch whose process was killed, so that each is on the disk as a whole or not at all.
 * Call it at start-up with the folder that `applyPatch` got as `journalDir`. Throws only when that folder cannot be
 * read; calling it again after a failure is safe.
 */
export function recoverPatches(
  journalDir: string,
  { fs = nodePatchFs, owner = processOwner() }: RecoverOptions = {},
): RecoveredPatch[] {
  return readJournals(fs, journalDir).map(({ file, phase, record }) => {
    if (record === undefined) {
      // Torn while it was written, which is before anything else happens.
      fs.unlink(file);
      return { id: file, outcome: "undone", paths: [], conflicts: [] };
    }
    if (owner.isAlive(record.owner) && record.owner !== owner.token) return report(record, "busy", []);
    return recoverOne(fs, file, phase, record);
  });
}

function recoverOne(fs: PatchFs, file: string, phase: JournalPhase, record: JournalRecord): RecoveredPatch {
  const folders = new Folders(fs);
  try {
    const conflicts =
      phase === "commit" ? finishRecord(record, { fs, folders }) : undoRecord(record, { fs, folders });
    fs.unlink(file);
    return report(record, phase === "commit" ? "finished" : "undone", conflicts);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...report(record, "failed", []), reason };
  } finally {
    folders.close();
  }
}

function report(
  record: JournalRecord,
  outcome: RecoveredPatch["outcome"],
  conflicts: readonly string[],
): RecoveredPatch {
  return { id: record.id, outcome, paths: record.entries.map((entry) => entry.path), conflicts };
}
