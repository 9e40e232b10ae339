import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import path from "node:path";
import { CodedError } from "@quire/protocol";
import type * as z from "zod/mini";
import { makeFolder } from "./make-folder.ts";
import { type OnlyWriter, onlyWriter } from "./only-writer.ts";
import { writeFault } from "./write-fault.ts";

/** An append-only file of JSON lines that survives being killed: every row is on its way to the disk once written. */
export interface Journal<Row> {
  /** What the file held when it was opened. */
  readonly before: readonly Row[];
  /** Fails with `storage_full` or `directory_unusable`; what was written of the row by then is cut off by the next run. */
  append(row: Row): void;
  /** Waits for the disk. May be called twice. */
  close(): void;
}

/**
 * Opens or begins a journal, its folder as well. A torn last line, which a kill in the middle of a write leaves, is cut off; a damaged line
 * elsewhere fails with `usage_invalid`, because it is not our doing, and a file that another run is writing with
 * `directory_unusable`.
 */
export function openJournal<Row>(file: string, schema: z.ZodMiniType<Row>): Journal<Row> {
  const { descriptor, text, writer } = openWhole(file);
  let before: Row[];
  try {
    before = rowsOf(file, text, schema);
  } catch (error) {
    closeSync(descriptor);
    writer.release();
    throw error;
  }
  let state: "open" | "broken" | "closed" = "open";
  return {
    before,
    append(row) {
      // Behind half a row nothing more can be read.
      if (state !== "open") throw writeFault(file, `it is ${state}`);
      const line = Buffer.from(`${JSON.stringify(row)}\n`);
      try {
        for (let at = 0; at < line.length; ) at += writeSync(descriptor, line, at);
      } catch (cause) {
        state = "broken";
        throw writeFault(file, cause);
      }
    },
    close() {
      if (state === "closed") return;
      state = "closed";
      try {
        fsyncSync(descriptor);
      } catch {
        // A device or pipe has nothing to wait for.
      }
      closeSync(descriptor);
      writer.release();
    },
  };
}

/** The file, open behind its last whole line, and its lines up to there. */
function openWhole(file: string): { descriptor: number; text: string; writer: OnlyWriter } {
  let writer: OnlyWriter | undefined;
  try {
    makeFolder(path.dirname(path.resolve(file)));
    writer = onlyWriter(path.resolve(file));
    const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    const whole = bytes.lastIndexOf(10) + 1;
    const descriptor = openSync(file, "a", 0o644);
    if (whole < bytes.length) ftruncateSync(descriptor, whole);
    return { descriptor, text: bytes.toString("utf8", 0, whole), writer };
  } catch (cause) {
    writer?.release();
    if (cause instanceof CodedError) throw cause;
    throw writeFault(file, cause);
  }
}

function rowsOf<Row>(file: string, text: string, schema: z.ZodMiniType<Row>): Row[] {
  return text.split("\n").flatMap((line, index) => {
    if (line === "") return [];
    const parsed = schema.safeParse(parseJson(line));
    if (parsed.success) return [parsed.data];
    throw new CodedError("usage_invalid", `${file}:${index + 1} is not a row of this kind of file`, {
      nextStep: "Remove the line, or begin anew with another --out folder.",
    });
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The schema refuses it.
    return undefined;
  }
}
