import * as path from "node:path";
import { errorCode, type PatchFs } from "./file-system.ts";

/**
 * One file of a patch that is being written. Fingerprints are a sha256, with `link:` before it for the text of a
 * symbolic link, and null where there is no file.
 */
export interface JournalEntry {
  readonly path: string;
  /** Full path of the new content, beside the file; null for a removal. */
  readonly staged: string | null;
  /** Full path where the old file is kept until the patch is complete; null when it is not needed. */
  readonly backup: string | null;
  readonly before: string | null;
  readonly after: string | null;
}

/** What has to be known to finish or undo a patch after the process was killed. */
export interface JournalRecord {
  readonly version: 1;
  readonly id: string;
  /** See `PatchOwner.token`. */
  readonly owner: string;
  /** Folders made for new files, outermost first. */
  readonly folders: readonly string[];
  readonly entries: readonly JournalEntry[];
}

/** `staging`: no file has been touched yet, undo. `commit`: everything is staged, finish. */
export type JournalPhase = "staging" | "commit";

/** Prefix of everything this package puts beside the files it changes. */
export const STAGED_PREFIX = ".quire-patch-";

const FILE_NAME = /^([0-9a-f-]+)\.(staging|commit)\.json$/;

export function journalPath(folder: string, id: string, phase: JournalPhase): string {
  return path.join(folder, `${id}.${phase}.json`);
}

/** Makes the folder and the ones above it where they are missing. */
export function ensureFolder(fs: PatchFs, folder: string): void {
  if (fs.lstat(folder) !== undefined) return;
  ensureFolder(fs, path.dirname(folder));
  try {
    fs.mkdir(folder);
  } catch (error) {
    // Another process was faster.
    if (errorCode(error) !== "EEXIST") throw error;
  }
}

/** The journals in a folder. A record that cannot be read is undefined. */
export function readJournals(
  fs: PatchFs,
  folder: string,
): { readonly file: string; readonly phase: JournalPhase; readonly record: JournalRecord | undefined }[] {
  if (fs.lstat(folder) === undefined) return [];
  return fs.readdir(folder).flatMap((name) => {
    const match = FILE_NAME.exec(name);
    if (match === null) return [];
    const file = path.join(folder, name);
    const phase = match[2] === "commit" ? "commit" : "staging";
    return [{ file, phase, record: readRecord(fs, file) }];
  });
}

function readRecord(fs: PatchFs, file: string): JournalRecord | undefined {
  const text = fs.readFile(file).bytes.toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is JournalRecord {
  if (typeof value !== "object" || value === null) return false;
  if (
    !("version" in value && "id" in value && "owner" in value && "folders" in value && "entries" in value)
  ) {
    return false;
  }
  const { version, id, owner, folders, entries } = value;
  if (version !== 1 || typeof id !== "string" || typeof owner !== "string") return false;
  if (!Array.isArray(folders) || !folders.every((folder) => typeof folder === "string")) return false;
  return Array.isArray(entries) && entries.every(isEntry);
}

function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== "object" || value === null || !("path" in value)) return false;
  const file = value.path;
  if (typeof file !== "string" || !path.isAbsolute(file)) return false;
  if (!("staged" in value && "backup" in value && "before" in value && "after" in value)) return false;
  const isOurs = (name: unknown): boolean =>
    name === null ||
    (typeof name === "string" &&
      path.dirname(name) === path.dirname(file) &&
      path.basename(name).startsWith(STAGED_PREFIX));
  const isPrint = (print: unknown): boolean => print === null || typeof print === "string";
  return isOurs(value.staged) && isOurs(value.backup) && isPrint(value.before) && isPrint(value.after);
}
