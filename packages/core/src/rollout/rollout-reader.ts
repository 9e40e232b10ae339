import { RolloutLineSchema, type RolloutRecord, RolloutRecordSchema } from "@quire/protocol";
import { plainRecord } from "./plain-record.ts";

/** Something in a file that could not be used. The file itself is left as it is. */
export interface RolloutDamage {
  line: number;
  /** `foreign`: well-formed, but of a kind this version does not know; kept and passed over. */
  kind: "torn_tail" | "not_json" | "foreign";
  excerpt: string;
}

export interface RolloutContents {
  records: RolloutRecord[];
  damage: RolloutDamage[];
  /** The ordinal a writer that goes on should use. */
  nextOrdinal: number;
  /** Length in bytes up to and including the last whole line; anything behind it is a torn tail. */
  wholeBytes: number;
  /** Whether the last whole line lacks its newline. */
  endsWithoutNewline: boolean;
}

/**
 * Reads a log. Damage is reported, never thrown: a thread with one bad line is still a thread. Lines that begin at the
 * offsets in `leftOut` are not read; their ordinals, which stand there, count.
 */
export function parseRollout(data: Buffer, leftOut: ReadonlyMap<number, number> = NONE): RolloutContents {
  const contents: RolloutContents = {
    records: [],
    damage: [],
    nextOrdinal: 0,
    wholeBytes: 0,
    endsWithoutNewline: false,
  };
  let start = 0;
  let line = 0;
  while (start < data.length) {
    const newline = data.indexOf(10, start);
    const end = newline === -1 ? data.length : newline;
    line += 1;
    const ordinal = leftOut.get(start);
    if (ordinal === undefined) readLine(contents, data.toString("utf8", start, end), line, newline === -1);
    else contents.nextOrdinal = Math.max(contents.nextOrdinal, ordinal + 1);
    if (newline !== -1) contents.wholeBytes = end + 1;
    else if (contents.damage.at(-1)?.kind !== "torn_tail") {
      contents.wholeBytes = end;
      contents.endsWithoutNewline = true;
    }
    start = end + 1;
  }
  return contents;
}

const NONE: ReadonlyMap<number, number> = new Map();

function readLine(contents: RolloutContents, text: string, line: number, last: boolean): void {
  if (text.trim() === "") return;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Expected after a crash or a bad disk; the damage entry is the report.
    contents.damage.push({ line, kind: last ? "torn_tail" : "not_json", excerpt: text.slice(0, 80) });
    return;
  }
  const plain = plainRecord(json);
  const ordinal = plain === null ? null : ordinalOf(json);
  if (plain !== null && ordinal !== null) {
    contents.nextOrdinal = Math.max(contents.nextOrdinal, ordinal + 1);
    contents.records.push(plain);
    return;
  }
  const outer = RolloutLineSchema.safeParse(json);
  const record = RolloutRecordSchema.safeParse(json);
  if (outer.success) contents.nextOrdinal = Math.max(contents.nextOrdinal, (outer.data.ordinal ?? -1) + 1);
  if (record.success) contents.records.push(record.data);
  else contents.damage.push({ line, kind: "foreign", excerpt: text.slice(0, 80) });
}

function ordinalOf(line: unknown): number | null {
  const found = typeof line === "object" && line !== null && "ordinal" in line ? line.ordinal : null;
  return typeof found === "number" ? found : null;
}
