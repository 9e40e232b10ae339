import fs from "node:fs";
import path from "node:path";
import { CodedError } from "@quire/protocol";

interface PendingWrite {
  target: string;
  /** Beside the target; null for a removal. */
  staged: string | null;
  /** Null where there was no file. */
  before: { bytes: Buffer; mode: number } | null;
}

/**
 * Writes every file or none: all contents lie complete beside their targets before the first is replaced, and a failure
 * while they are replaced is undone. `suffix` makes the names of the staged files free ones.
 */
export function writeFiles(results: ReadonlyMap<string, string | null>, suffix: string): void {
  const pending: PendingWrite[] = [];
  const madeFolders: string[] = [];
  const done: PendingWrite[] = [];
  try {
    for (const [target, text] of results) {
      const before = readBefore(target);
      if (text !== null) {
        const made = fs.mkdirSync(path.dirname(target), { recursive: true });
        if (made !== undefined) madeFolders.push(made);
      }
      const staged = text === null ? null : `${target}.${suffix}`;
      pending.push({ target, staged, before });
      if (staged !== null && text !== null) {
        fs.writeFileSync(staged, Buffer.from(text, "latin1"), { flag: "wx", mode: before?.mode ?? 0o644 });
      }
    }
    for (const write of pending) {
      if (write.staged !== null) fs.renameSync(write.staged, write.target);
      else fs.rmSync(write.target, { force: true });
      done.push(write);
    }
  } catch (cause) {
    for (const write of done) putBack(write);
    for (const { staged } of pending) if (staged !== null) fs.rmSync(staged, { force: true });
    for (const folder of madeFolders) fs.rmSync(folder, { recursive: true, force: true });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError("storage_failed", `the changes could not be written, so none was made: ${why}`, {
      cause,
    });
  }
}

function readBefore(target: string): PendingWrite["before"] {
  const facts = fs.lstatSync(target, { throwIfNoEntry: false });
  return facts ? { bytes: fs.readFileSync(target), mode: facts.mode & 0o777 } : null;
}

function putBack({ target, before }: PendingWrite): void {
  if (before === null) fs.rmSync(target, { force: true });
  else fs.writeFileSync(target, before.bytes, { mode: before.mode });
}
