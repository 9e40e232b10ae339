import fs from "node:fs";
import { join } from "node:path";

/** Where the ledger lives below the Quire home: one file for each month in UTC, and beside each what it sums up to. */
export function ledgerDirectory(home: string): string {
  return join(home, "ledger");
}

const MONTH_FILE = /^(\d{4}-\d\d)\.jsonl$/;

export function monthFile(home: string, month: string): string {
  return join(ledgerDirectory(home), `${month}.jsonl`);
}

export function sumsFile(home: string, month: string): string {
  return join(ledgerDirectory(home), `${month}.sums.json`);
}

/** The months that have a file, oldest first, as `YYYY-MM`. */
export function ledgerMonths(home: string): string[] {
  let names: string[];
  try {
    names = fs.readdirSync(ledgerDirectory(home));
  } catch {
    // Nothing was ever asked of a model here.
    return [];
  }
  return names.flatMap((name) => MONTH_FILE.exec(name)?.[1] ?? []).sort();
}

/** The whole lines of a file from a byte on, and where they end; a last line that is not ended yet is left for later. */
export function wholeLines(file: string, from: number): { text: string; end: number } {
  let fd: number;
  try {
    fd = fs.openSync(file, "r");
  } catch {
    // Removed since it was listed.
    return { text: "", end: from };
  }
  try {
    const size = fs.fstatSync(fd).size;
    const data = Buffer.alloc(Math.max(0, size - from));
    const read = fs.readSync(fd, data, 0, data.length, from);
    const end = data.subarray(0, read).lastIndexOf(10) + 1;
    return { text: data.toString("utf8", 0, end), end: from + end };
  } finally {
    fs.closeSync(fd);
  }
}

/** Read at a time: a ledger of years is not held in memory as a whole. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Calls `take` with whole lines, a chunk at a time, from a byte on, each ended by a line feed; returns where they end. The
 * text has a character for each byte: what is not ASCII is to be read by `asUtf8`.
 */
export function readChunks(file: string, from: number, take: (text: string) => void): number {
  let fd: number;
  try {
    fd = fs.openSync(file, "r");
  } catch {
    // Removed since it was listed.
    return from;
  }
  try {
    let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let held = 0;
    let end = from;
    for (;;) {
      const read = fs.readSync(fd, buffer, held, buffer.length - held, end + held);
      if (read === 0) return end;
      held += read;
      const whole = buffer.subarray(0, held).lastIndexOf(10) + 1;
      if (whole > 0) take(buffer.toString("latin1", 0, whole));
      buffer.copyWithin(0, whole, held);
      held -= whole;
      end += whole;
      // A line that fills the whole buffer.
      if (held === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
    }
  } finally {
    fs.closeSync(fd);
  }
}

/** Text of `readChunks` as what its bytes mean. It holds on to no chunk. */
export function asUtf8(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
