import { dirname } from "node:path";
import { CodedError, errorInfoOf, type RolloutRecord } from "@quire/protocol";
import type { RolloutFs } from "./rollout-fs.ts";

/** Where a thread's records go. An ephemeral thread has one that keeps nothing. */
export interface RolloutWriter {
  readonly path: string | null;
  /** Appends all records or none: after a failed write the file is cut back to its last whole line. */
  append(records: readonly RolloutRecord[]): void;
  /**
   * The same, and they survive a power cut once this returns. When they cannot be made to, they are taken back; when even
   * that fails nothing is written any more, because nobody knows what the file holds.
   */
  appendDurably(records: readonly RolloutRecord[]): void;
  /** Makes everything appended so far survive a power cut. */
  sync(): void;
  close(): void;
}

export const ephemeralRollout: RolloutWriter = {
  path: null,
  append: () => undefined,
  appendDurably: () => undefined,
  sync: () => undefined,
  close: () => undefined,
};

export interface RolloutWriterOptions {
  path: string;
  fs: RolloutFs;
  now: () => number;
  /** The ordinal of the first line to be written. */
  firstOrdinal: number;
}

/** Opens (and creates, on the first append) one thread's file. The caller holds the thread's lock. */
export function openRollout(options: RolloutWriterOptions): RolloutWriter {
  const { path, fs } = options;
  let ordinal = options.firstOrdinal;
  let file: { fd: number; length: number } | null = null;
  let closed = false;
  let broken = false;

  function open(): { fd: number; length: number } {
    if (file) return file;
    fs.mkdir(dirname(path));
    const fd = fs.openAppend(path);
    file = { fd, length: fs.size(fd) };
    return file;
  }

  function openOrSay(): { fd: number; length: number } {
    try {
      return open();
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  function append(records: readonly RolloutRecord[]): void {
    if (closed) throw new CodedError("storage_failed", `the log of this thread is closed: ${path}`);
    if (broken)
      throw unwritable(path, new Error("it is not known what it holds since the last write failed"));
    if (records.length === 0) return;
    const timestamp = new Date(options.now()).toISOString();
    let text = "";
    for (const [index, record] of records.entries()) {
      text += `${JSON.stringify({ timestamp, ordinal: ordinal + index, ...record })}\n`;
    }
    const data = Buffer.from(text, "utf8");
    try {
      const target = open();
      let written = 0;
      try {
        while (written < data.length) written += fs.write(target.fd, data, written);
      } catch (cause) {
        if (written > 0) fs.truncate(target.fd, target.length);
        throw cause;
      }
      target.length += data.length;
      ordinal += records.length;
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  function appendDurably(records: readonly RolloutRecord[]): void {
    const target = openOrSay();
    const before = { length: target.length, ordinal };
    append(records);
    try {
      fs.sync(target.fd);
    } catch (cause) {
      try {
        fs.truncate(target.fd, before.length);
        target.length = before.length;
        ordinal = before.ordinal;
      } catch {
        // What memory holds and what the file holds may differ from here on.
        broken = true;
      }
      throw unwritable(path, cause);
    }
  }

  return {
    path,
    append,
    appendDurably,
    sync() {
      if (file && !closed) fs.sync(file.fd);
    },
    close() {
      if (closed) return;
      closed = true;
      if (!file) return;
      try {
        fs.sync(file.fd);
      } finally {
        fs.close(file.fd);
      }
    },
  };
}

function unwritable(path: string, cause: unknown): CodedError {
  const { code } = errorInfoOf(cause);
  return new CodedError(
    code === "internal" ? "storage_failed" : code,
    `could not write the thread's log ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      cause,
      nextStep: "Make room or restore write access there; nothing that was written before is lost.",
    },
  );
}
