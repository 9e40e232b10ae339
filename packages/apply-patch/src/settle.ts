import { errorCode, type PatchFs } from "./file-system.ts";
import type { Folders } from "./folders.ts";
import type { JournalEntry, JournalRecord } from "./journal.ts";
import { sha256 } from "./working-files.ts";

interface Place {
  readonly fs: PatchFs;
  readonly folders: Folders;
}

/**
 * Brings a half-written patch to its end. Files that somebody has changed in the meantime are left alone; their
 * paths are returned.
 */
export function finishRecord(record: JournalRecord, place: Place): string[] {
  return record.entries.filter((entry) => !settle(entry, place, finishEntry)).map((entry) => entry.path);
}

/** Takes a half-written patch back; otherwise like {@link finishRecord}. */
export function undoRecord(record: JournalRecord, place: Place): string[] {
  const entries = [...record.entries].reverse();
  const conflicts = entries.filter((entry) => !settle(entry, place, undoEntry)).map((entry) => entry.path);
  for (const folder of [...record.folders].reverse()) removeEmptyFolder(folder, place);
  return conflicts;
}

type Settle = (entry: JournalEntry, current: string | null, place: Place) => boolean;

function settle(entry: JournalEntry, place: Place, how: Settle): boolean {
  if (!place.folders.hasFolderOf(entry.path)) return how === undoEntry && entry.before === null;
  return how(entry, fingerprint(entry.path, place), place);
}

function finishEntry(entry: JournalEntry, current: string | null, place: Place): boolean {
  const { fs, folders } = place;
  const waiting = entry.staged !== null && exists(entry.staged, place);
  const open = entry.after === null ? current !== null : waiting;
  const clean = !open || current === entry.before || current === entry.after;
  if (open && clean && current !== entry.after) {
    const target = folders.reach(entry.path);
    if (entry.staged === null) fs.unlink(target);
    else fs.rename(folders.reach(entry.staged), target);
  }
  discard(entry.staged, place);
  discard(entry.backup, place);
  return clean;
}

function undoEntry(entry: JournalEntry, current: string | null, place: Place): boolean {
  const { fs, folders } = place;
  const kept = entry.backup !== null && exists(entry.backup, place);
  const replaced = entry.staged === null || !exists(entry.staged, place);
  let clean = true;
  if (kept && entry.backup !== null) {
    if (current === entry.after || current === null)
      fs.rename(folders.reach(entry.backup), folders.reach(entry.path));
    else clean = current === entry.before;
  } else if (entry.before === null && replaced && current !== null) {
    clean = current === entry.after;
    if (clean) fs.unlink(folders.reach(entry.path));
  }
  discard(entry.staged, place);
  discard(entry.backup, place);
  return clean;
}

/** What is at the path now, in the form of a {@link JournalEntry}. */
export function fingerprint(file: string, { fs, folders }: Place): string | null {
  const reached = folders.reach(file);
  const stat = fs.lstat(reached);
  if (stat === undefined) return null;
  if (stat.kind === "symlink") return `link:${sha256(Buffer.from(fs.readlink(reached)))}`;
  return stat.kind === "file" ? sha256(fs.readFile(reached).bytes) : stat.kind;
}

function exists(file: string, { fs, folders }: Place): boolean {
  return fs.lstat(folders.reach(file)) !== undefined;
}

function discard(file: string | null, place: Place): void {
  if (file !== null && exists(file, place)) place.fs.unlink(place.folders.reach(file));
}

function removeEmptyFolder(folder: string, { fs, folders }: Place): void {
  try {
    if (folders.hasFolderOf(folder)) fs.rmdir(folders.reach(folder));
  } catch (error) {
    const code = errorCode(error);
    // Somebody put something else into it, or it was never made.
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "ENOENT" && code !== "ENOTDIR") throw error;
  }
}
