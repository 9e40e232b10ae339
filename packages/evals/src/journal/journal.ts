import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { CodedError } from "@quire/protocol";
import type * as z from "zod/mini";

/** An append-only file of JSON lines that survives being killed: every row is on its way to the disk once written. */
export interface Journal<Row> {
  /** What the file held when it was opened. */
  readonly before: readonly Row[];
  append(row: Row): void;
  /** Waits for the disk. May be called twice. */
  close(): void;
}

/**
 * Opens or begins a journal. A torn last line, which a kill in the middle of a write leaves, is cut off; a damaged line
 * elsewhere fails with `usage_invalid`, because it is not our doing.
 */
export function openJournal<Row>(file: string, schema: z.ZodMiniType<Row>): Journal<Row> {
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const whole = bytes.lastIndexOf(10) + 1;
  const before = rowsOf(file, bytes.toString("utf8", 0, whole), schema);
  const descriptor = openSync(file, "a", 0o644);
  if (whole < bytes.length) ftruncateSync(descriptor, whole);
  let closed = false;
  return {
    before,
    append(row) {
      const line = Buffer.from(`${JSON.stringify(row)}\n`);
      for (let at = 0; at < line.length; ) at += writeSync(descriptor, line, at);
    },
    close() {
      if (closed) return;
      closed = true;
      fsyncSync(descriptor);
      closeSync(descriptor);
    },
  };
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
