import fs from "node:fs";
import path from "node:path";
import type { FileFacts } from "./file-facts.ts";
import { SKIP_REASONS } from "./skip-rules.ts";

/** Grows whenever what is kept changes its meaning; what was kept before is then read anew. */
const FACTS_VERSION = 5;
const MAGIC = "quire-code-facts";

/** One file: a line of JSON that says what is in it, then all numbers. */
export function writeFacts(file: string, facts: ReadonlyMap<string, FileFacts>): void {
  const entries: unknown[] = [];
  const numbers: Uint32Array[] = [];
  for (const [id, { skipped, names, topCount, innerCount }] of facts) {
    const reason = skipped === null ? -1 : SKIP_REASONS.indexOf(skipped);
    entries.push([id, reason, names.length, topCount, innerCount]);
    numbers.push(names);
  }
  const head = JSON.stringify({ magic: MAGIC, version: FACTS_VERSION, entries });
  // Numbers have to begin at a multiple of four.
  const headBytes = Buffer.from(`${head}${" ".repeat((4 - ((Buffer.byteLength(head) + 1) % 4)) % 4)}\n`);
  const views = numbers.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength));
  writeWhole(file, Buffer.concat([headBytes, ...views]));
}

/** Empty when there is nothing, or nothing that is whole. */
export function readFacts(file: string): Map<string, FileFacts> {
  const facts = new Map<string, FileFacts>();
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(file);
  } catch {
    // The first time, or it was cleared away.
    return facts;
  }
  try {
    return decode(bytes) ?? facts;
  } catch {
    // Not ours, or damaged: everything is read anew.
    return facts;
  }
}

function decode(bytes: Buffer): Map<string, FileFacts> | null {
  const lineEnd = bytes.indexOf(10);
  if (lineEnd < 0) return null;
  const head: unknown = JSON.parse(bytes.toString("utf8", 0, lineEnd));
  if (typeof head !== "object" || head === null) return null;
  const { magic, version, entries } = head as { magic?: unknown; version?: unknown; entries?: unknown };
  if (magic !== MAGIC || version !== FACTS_VERSION || !Array.isArray(entries)) return null;
  const rows: Row[] = [];
  let numberCount = 0;
  for (const entry of entries) {
    const row = rowOf(entry);
    if (row === null) return null;
    rows.push(row);
    numberCount += row.nameCount;
  }
  const numbersAt = lineEnd + 1;
  if (numbersAt + numberCount * 4 !== bytes.length) return null;
  // A copy, because the bytes of the file may begin anywhere in memory.
  const numbers = new Uint32Array(bytes.buffer.slice(bytes.byteOffset + numbersAt));
  const facts = new Map<string, FileFacts>();
  let at = 0;
  for (const { id, skipped, nameCount, topCount, innerCount } of rows) {
    facts.set(id, {
      skipped: SKIP_REASONS[skipped] ?? null,
      names: numbers.subarray(at, at + nameCount),
      topCount,
      innerCount,
    });
    at += nameCount;
  }
  return facts;
}

interface Row {
  id: string;
  skipped: number;
  nameCount: number;
  topCount: number;
  innerCount: number;
}

function rowOf(entry: unknown): Row | null {
  if (!Array.isArray(entry) || typeof entry[0] !== "string") return null;
  const numbers = entry.slice(1);
  if (numbers.length !== 4 || !numbers.every((value) => Number.isSafeInteger(value) && value >= -1))
    return null;
  const [skipped, nameCount, topCount, innerCount] = numbers;
  if (topCount < 0 || innerCount < 0 || topCount + innerCount > nameCount) return null;
  return { id: entry[0], skipped, nameCount, topCount, innerCount };
}

/** Replaces a file so that a reader sees the old or the new one. A cache that cannot be written is no fault. */
export function writeWhole(file: string, contents: Buffer | string): void {
  const partial = `${file}.${process.pid}.partial`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fs.writeFileSync(partial, contents, { mode: 0o600 });
    fs.renameSync(partial, file);
  } catch {
    // A full or read-only disk: the next run reads the files again.
    fs.rmSync(partial, { force: true });
  }
}
