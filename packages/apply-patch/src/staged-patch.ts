import * as path from "node:path";
import { errorCode, type PatchFs } from "./file-system.ts";
import type { Folders } from "./folders.ts";
import {
  ensureFolder,
  type JournalEntry,
  type JournalRecord,
  journalPath,
  STAGED_PREFIX,
} from "./journal.ts";
import type { PatchOwner } from "./owner.ts";
import type { PatchError } from "./patch-error.ts";
import type { PlannedWrite } from "./plan.ts";
import { fingerprint, undoRecord } from "./settle.ts";
import { type FileBefore, sha256 } from "./working-files.ts";

interface Place {
  readonly fs: PatchFs;
  readonly folders: Folders;
  readonly journalDir: string | undefined;
  readonly owner: PatchOwner;
}

/**
 * A patch on its way to the disk: `begin`, `stage`, `sync`, `findStale`, `commit`, `tidyUp`, in this order. When one
 * of them throws, the owner calls `undo`. The steps are written down in the journal before they are taken.
 */
export class StagedPatch {
  /** What is being attempted, for error messages. */
  doing = "prepare the patch";
  readonly #writes: readonly PlannedWrite[];
  readonly #place: Place;
  #record: JournalRecord | undefined;
  #phase: "staging" | "commit" = "staging";

  constructor(writes: readonly PlannedWrite[], place: Place) {
    this.#writes = writes;
    this.#place = place;
  }

  /** Chooses names that are free and writes the journal. */
  begin(): void {
    const { fs, journalDir, owner } = this.#place;
    this.doing = "write the patch journal";
    if (journalDir !== undefined) ensureFolder(fs, journalDir);
    const folders = this.#missingFolders();
    for (let attempt = 0; ; attempt += 1) {
      const record = makeRecord(this.#writes, folders, owner.token, attempt);
      if (this.#isTaken(record)) continue;
      this.#record = record;
      if (journalDir === undefined) return;
      const file = journalPath(journalDir, record.id, "staging");
      fs.createFile(file, Buffer.from(JSON.stringify(record)), { mode: 0o600 });
      return;
    }
  }

  /** Makes the missing folders and puts every new content beside its target. */
  stage(): void {
    const { fs, folders } = this.#place;
    for (const folder of this.#known().folders) {
      this.doing = `make the folder ${folder}`;
      fs.mkdir(folders.reach(folder));
    }
    for (const [write, entry] of this.#pairs()) {
      if (entry.staged === null || write.after === undefined) continue;
      this.doing = `write file ${write.path}`;
      fs.createFile(folders.reach(entry.staged), write.after.bytes, write.after.attributes);
    }
  }

  async sync(): Promise<void> {
    const { fs, folders, journalDir } = this.#place;
    this.doing = "bring the patch to the disk";
    const { id, entries } = this.#known();
    const files = entries.flatMap(({ staged }) => (staged === null ? [] : [folders.reach(staged)]));
    if (journalDir !== undefined) files.push(journalPath(journalDir, id, "staging"));
    await fs.sync(files);
  }

  /** The first file that is no longer what the plan was made from. */
  findStale(): PatchError | undefined {
    const { fs, folders } = this.#place;
    for (const [write, entry] of this.#pairs()) {
      this.doing = `check file ${write.path}`;
      const version = fs.lstat(folders.reach(write.path))?.version;
      if (version === write.before?.version) continue;
      if (fingerprint(write.path, this.#place) === entry.before) continue;
      const message = `Failed to write file ${write.path}\nIt changed after the patch was planned. Read it again.`;
      return { code: "stale", message };
    }
    return undefined;
  }

  /** Puts the new contents in place and removes what is to go. */
  commit(): void {
    const { fs, folders } = this.#place;
    this.doing = "write the patch journal";
    this.#moveJournal("commit");
    for (const [write, entry] of this.#pairs()) {
      const target = folders.reach(write.path);
      this.doing = `${write.after === undefined ? "delete" : "write"} file ${write.path}`;
      if (write.before !== undefined && entry.backup !== null) this.#keep(write.before, target, entry.backup);
      if (entry.staged !== null) fs.rename(folders.reach(entry.staged), target);
      else fs.unlink(target);
    }
  }

  /** Takes everything back and completes the error with what that means for the caller. */
  undo(error: PatchError): PatchError {
    const record = this.#record;
    if (record === undefined) return { ...error, message: `${error.message}\nNothing was changed.` };
    try {
      if (this.#phase === "commit") this.#moveJournal("staging");
      const conflicts = undoRecord(record, this.#place);
      this.#removeJournal();
      const note =
        conflicts.length === 0
          ? "Nothing was changed."
          : `Everything else was undone, but these files changed meanwhile and were left alone: ${conflicts.join(", ")}`;
      return { ...error, message: `${error.message}\n${note}` };
    } catch (fault) {
      const reason = fault instanceof Error ? fault.message : String(fault);
      const next =
        this.#place.journalDir === undefined
          ? `Files named ${STAGED_PREFIX}${record.id}-* beside the changed files hold the old contents.`
          : "The journal is kept: recovery will finish or undo the patch when the file system works again.";
      const message = `${error.message}\nUndoing it failed as well: ${reason}\n${next}`;
      return { ...error, code: "io", message, recovery: "pending" };
    }
  }

  /** Removes what was only kept for undoing. Returns a warning when that failed; the patch is complete anyway. */
  tidyUp(): string | undefined {
    const { fs, folders } = this.#place;
    try {
      for (const { backup, before } of this.#known().entries) {
        if (backup !== null && before !== null) fs.unlink(folders.reach(backup));
      }
      this.#removeJournal();
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return `The patch is applied, but files named ${STAGED_PREFIX}* could not be removed: ${reason}`;
    }
  }

  /** A second name for the old file costs nothing; where the file system has no second names it is copied. */
  #keep(before: FileBefore, target: string, backup: string): void {
    const { fs, folders } = this.#place;
    try {
      fs.link(target, folders.reach(backup));
    } catch (error) {
      const unsupported = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(
        errorCode(error) ?? "",
      );
      if (!unsupported || before.kind !== "file") throw error;
      fs.createFile(folders.reach(backup), before.bytes, before.attributes);
    }
  }

  #pairs(): (readonly [PlannedWrite, JournalEntry])[] {
    return this.#known().entries.flatMap((entry, index) => {
      const write = this.#writes[index];
      return write === undefined ? [] : [[write, entry] as const];
    });
  }

  #known(): JournalRecord {
    if (this.#record === undefined) throw new Error("begin() comes first");
    return this.#record;
  }

  #isTaken(record: JournalRecord): boolean {
    const { fs, folders, journalDir } = this.#place;
    const journals = journalDir === undefined ? [] : (["staging", "commit"] as const);
    if (journals.some((phase) => fs.lstat(journalPath(journalDir ?? "", record.id, phase)) !== undefined))
      return true;
    const names = record.entries.flatMap(({ staged, backup }) =>
      [staged, backup].filter((name) => name !== null),
    );
    const first = names.find((name) => folders.hasFolderOf(name));
    return first !== undefined && fs.lstat(folders.reach(first)) !== undefined;
  }

  #missingFolders(): string[] {
    const { fs } = this.#place;
    const missing = new Set<string>();
    for (const { path: file, after } of this.#writes) {
      if (after === undefined) continue;
      let folder = path.dirname(file);
      while (!missing.has(folder) && fs.lstat(folder) === undefined) {
        missing.add(folder);
        folder = path.dirname(folder);
      }
    }
    return [...missing].sort((a, b) => a.length - b.length);
  }

  #moveJournal(phase: "staging" | "commit"): void {
    const { fs, journalDir } = this.#place;
    if (journalDir !== undefined) {
      const { id } = this.#known();
      fs.rename(journalPath(journalDir, id, this.#phase), journalPath(journalDir, id, phase));
    }
    this.#phase = phase;
  }

  #removeJournal(): void {
    const { fs, journalDir } = this.#place;
    if (journalDir === undefined) return;
    const file = journalPath(journalDir, this.#known().id, this.#phase);
    if (fs.lstat(file) !== undefined) fs.unlink(file);
  }
}

function makeRecord(
  writes: readonly PlannedWrite[],
  folders: readonly string[],
  owner: string,
  attempt: number,
): JournalRecord {
  const names = writes.map((write) => `${write.path}\0${write.after?.sha256 ?? ""}`);
  const id = `${sha256(Buffer.from([owner, ...names].join("\0"))).slice(0, 12)}-${attempt}`;
  // A single file is replaced in one step, so there is nothing to take back.
  const keeps = writes.length > 1;
  const entries = writes.map(({ path: file, before, after }, index): JournalEntry => {
    const beside = (suffix: string): string =>
      path.join(path.dirname(file), `${STAGED_PREFIX}${id}-${index}.${suffix}`);
    return {
      path: file,
      staged: after === undefined ? null : beside("new"),
      backup: before === undefined || !keeps ? null : beside("old"),
      before: before === undefined ? null : `${before.kind === "symlink" ? "link:" : ""}${before.sha256}`,
      after: after?.sha256 ?? null,
    };
  });
  return { version: 1, id, owner, folders, entries };
}
