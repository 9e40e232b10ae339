import fs from "node:fs";
import { CodedError, errorInfoOf } from "@quire/protocol";
import { type LedgerEntry, lineOf } from "./ledger-entry.ts";
import { ledgerDirectory, monthFile } from "./ledger-files.ts";

/** The file operations of the ledger; a parameter so that tests can fail any of them. */
export interface LedgerFs {
  mkdir(path: string): void;
  openAppend(path: string): number;
  /** Whether the file is empty or its last byte ends a line. */
  endsLine(fd: number): boolean;
  write(fd: number, data: Uint8Array): number;
  close(fd: number): void;
}

/** Files are 0600 and the folder 0700: the ledger names projects and models. */
export const nodeLedgerFs: LedgerFs = {
  mkdir: (path) => {
    fs.mkdirSync(path, { recursive: true, mode: 0o700 });
  },
  openAppend: (path) => fs.openSync(path, "a+", 0o600),
  endsLine: (fd) => {
    const { size } = fs.fstatSync(fd);
    if (size === 0) return true;
    const last = Buffer.alloc(1);
    fs.readSync(fd, last, 0, 1, size - 1);
    return last[0] === 10;
  },
  write: (fd, data) => fs.writeSync(fd, data),
  close: (fd) => {
    fs.closeSync(fd);
  },
};

/** The ledger of a home, open for writing. Any number of processes may write to one ledger. */
export interface LedgerWriter {
  /**
   * Adds a line. It is written by one call at the file's end, so lines of several processes never mix; what a crash left
   * without an end is closed off first. Fails with `storage_full` or `storage_failed`.
   */
  append(entry: LedgerEntry): void;
  /** May be called twice. */
  close(): void;
}

/** Opens nothing before the first line. */
export function openLedger(home: string, files: LedgerFs = nodeLedgerFs): LedgerWriter {
  let open: { month: string; fd: number } | null = null;

  function fileOf(month: string): number {
    if (open?.month === month) return open.fd;
    if (open !== null) files.close(open.fd);
    open = null;
    files.mkdir(ledgerDirectory(home));
    open = { month, fd: files.openAppend(monthFile(home, month)) };
    return open.fd;
  }

  return {
    append(entry) {
      const month = entry.at.slice(0, 7);
      const path = monthFile(home, month);
      try {
        const fd = fileOf(month);
        const data = Buffer.from(`${files.endsLine(fd) ? "" : "\n"}${lineOf(entry)}\n`);
        const written = files.write(fd, data);
        if (written < data.length) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
      } catch (cause) {
        const { code } = errorInfoOf(cause);
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new CodedError(
          code === "internal" ? "storage_failed" : code,
          `could not write the ledger ${path}: ${why}`,
          {
            cause,
            nextStep: "Make room or restore write access there; what was spent is in the thread's log.",
          },
        );
      }
    },
    close() {
      if (open !== null) files.close(open.fd);
      open = null;
    },
  };
}
