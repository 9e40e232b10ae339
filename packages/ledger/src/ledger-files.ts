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
