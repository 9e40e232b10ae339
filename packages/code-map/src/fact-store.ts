import fs from "node:fs";
import path from "node:path";
import type { FileFacts } from "./read-facts.ts";
import { SKIP_REASONS } from "./skip-rules.ts";

/** Grows whenever what is kept changes its meaning; what was kept before is then read anew. */
export const FACTS_VERSION = 4;
const MAGIC = "quire-code-facts";

/** Kept facts with their text still undecoded. */
export interface StoredFacts extends Omit<FileFacts, "symbols"> {
  readonly symbols: string;
}

/**
 * One file: a line of JSON that says what is in it, then all numbers, then all texts. Reading it is a read and a JSON line;
 * texts are decoded when somebody looks at them.
 */
export function writeFacts(file: string, facts: ReadonlyMap<string, FileFacts>): void {
  const entries: unknown[] = [];
  const numbers: Uint32Array[] = [];
  const texts: Buffer[] = [];
  for (const [id, fact] of facts) {
    const text = fact.symbolCount === 0 ? Buffer.alloc(0) : Buffer.from(fact.symbols);
    const skipped = fact.skipped === null ? -1 : SKIP_REASONS.indexOf(fact.skipped);
    entries.push([
      id,
      skipped,
      text.length,
      fact.symbolCount,
      fact.names.length,
      fact.topCount,
      fact.innerCount,
    ]);
    numbers.push(fact.names);
    texts.push(text);
  }
  const head = JSON.stringify({ magic: MAGIC, version: FACTS_VERSION, entries });
  // Numbers have to begin at a multiple of four.
  const headBytes = Buffer.from(`${head}${" ".repeat((4 - ((Buffer.byteLength(head) + 1) % 4)) % 4)}\n`);
  const views = numbers.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength));
  writeWhole(file, Buffer.concat([headBytes, ...views, ...texts]));
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
  let textBytes = 0;
  for (const entry of entries) {
    const row = rowOf(entry);
    if (row === null) return null;
    rows.push(row);
    numberCount += row.nameCount;
    textBytes += row.textLength;
  }
  const numbersAt = lineEnd + 1;
  const textsAt = numbersAt + numberCount * 4;
  if (textsAt + textBytes !== bytes.length) return null;
  // A copy, because the bytes of the file may begin anywhere in memory.
  const numbers = new Uint32Array(
    bytes.buffer.slice(bytes.byteOffset + numbersAt, bytes.byteOffset + textsAt),
  );
  const facts = new Map<string, FileFacts>();
  let number = 0;
  let text = textsAt;
  for (const row of rows) {
    facts.set(row.id, lazyFacts(row, numbers.subarray(number, number + row.nameCount), bytes, text));
    number += row.nameCount;
    text += row.textLength;
  }
  return facts;
}

interface Row {
  id: string;
  skipped: number;
  textLength: number;
  symbolCount: number;
  nameCount: number;
  topCount: number;
  innerCount: number;
}

function rowOf(entry: unknown): Row | null {
  if (!Array.isArray(entry) || typeof entry[0] !== "string") return null;
  const numbers = entry.slice(1);
  if (numbers.length !== 6 || !numbers.every((value) => Number.isSafeInteger(value) && value >= -1))
    return null;
  const [skipped, textLength, symbolCount, nameCount, topCount, innerCount] = numbers;
  if (topCount + innerCount > nameCount || textLength < 0) return null;
  return { id: entry[0], skipped, textLength, symbolCount, nameCount, topCount, innerCount };
}

function lazyFacts(row: Row, names: Uint32Array, bytes: Buffer, at: number): FileFacts {
  const { symbolCount, topCount, innerCount, textLength } = row;
  return {
    skipped: SKIP_REASONS[row.skipped] ?? null,
    symbolCount,
    names,
    topCount,
    innerCount,
    get symbols() {
      return symbolCount === 0 ? "[]" : bytes.toString("utf8", at, at + textLength);
    },
  };
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
