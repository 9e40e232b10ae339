import { dirname } from "node:path";
import { CodedError, errorInfoOf, type RolloutRecord } from "@quire/protocol";
import type { RolloutFs } from "./rollout-fs.ts";

/** Where a thread's records go. An ephemeral thread has one that keeps nothing. */
export interface RolloutWriter {
  readonly path: string | null;
  /** Appends all records or none: after a failed write the file is cut back to its last whole line. */
  append(records: readonly RolloutRecord[]): void;
  /** Makes everything appended so far survive a power cut. */
  sync(): void;
  close(): void;
}

export const ephemeralRollout: RolloutWriter = {
  path: null,
  append: () => undefined,
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

  function open(): { fd: number; length: number } {
    if (file) return file;
    fs.mkdir(dirname(path));
    const fd = fs.openAppend(path);
    file = { fd, length: fs.size(fd) };
    return file;
  }

  function append(records: readonly RolloutRecord[]): void {
    if (closed) throw new CodedError("storage_failed", `the log of this thread is closed: ${path}`);
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
      const { code } = errorInfoOf(cause);
      throw new CodedError(
        code === "internal" ? "storage_failed" : code,
        `could not write the thread's log ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
        {
          cause,
          nextStep: "Make room or restore write access there; nothing that was written before is lost.",
        },
      );
    }
  }

  return {
    path,
    append,
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
