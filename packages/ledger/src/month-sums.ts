import fs from "node:fs";
import * as z from "zod/mini";
import { addKnownLine, type KnownLine, matchKnownLine } from "./known-line.ts";
import { parseEntry } from "./ledger-entry.ts";
import { asUtf8, ledgerMonths, monthFile, readChunks, sumsFile } from "./ledger-files.ts";
import { addEntry, DIMENSIONS, emptySum, keysOf, SUM_FIELDS, type UsageRow } from "./usage-row.ts";

/** How moments become days. Sums of another zone are worked out anew. */
export interface Calendar {
  /** IANA name. */
  zone: string;
  /** `YYYY-MM-DD` in that zone. */
  dayOf: (unixMs: number) => string;
}

export interface SumsDeps {
  home: string;
  calendar: Calendar;
  /** Makes the name of a temporary file this process's own. */
  pid: number;
}

/**
 * What a month's file amounts to up to a byte: kept beside it, so that a reader looks at new lines only. `rows` is one
 * list of numbers, `ROW_LENGTH` for each row: places in `names` for the dimensions, then the sums. A schema of its own for
 * each number would cost more than reading them.
 */
const ROW_LENGTH = DIMENSIONS.length + SUM_FIELDS.length;
const SumsSchema = z.object({
  version: z.literal(1),
  zone: z.string(),
  bytes: z.number(),
  /** The bytes before `bytes`, by which another file is told from this one. */
  tail: z.string(),
  names: z.array(z.string()),
  rows: z.custom<number[]>(
    (value) => Array.isArray(value) && value.length % ROW_LENGTH === 0 && value.every(Number.isFinite),
  ),
});
type Sums = z.infer<typeof SumsSchema>;

const TAIL_BYTES = 64;
/** Fewer new bytes than this are summed again next time rather than written down. */
const WORTH_KEEPING = 256 * 1024;

/** All requests of the ledger in groups, month by month. Lines that cannot be read are counted, not guessed at. */
export function readLedger(deps: SumsDeps, fromMonth = "", toMonth = "9999-99"): LedgerSums {
  const rows: UsageRow[] = [];
  let unreadable = 0;
  for (const month of ledgerMonths(deps.home)) {
    if (month < fromMonth || month > toMonth) continue;
    const sums = readMonth(deps, month);
    rows.push(...sums.rows);
    unreadable += sums.unreadable;
  }
  return { rows, unreadable };
}

export interface MonthSums extends LedgerSums {
  /** The byte behind the last whole line. */
  end: number;
}

export interface LedgerSums {
  rows: UsageRow[];
  /** Lines among the newly read ones that are torn, foreign or of another version. */
  unreadable: number;
}

export function readMonth(deps: SumsDeps, month: string): MonthSums {
  const file = monthFile(deps.home, month);
  const kept = readKept(deps, month, file);
  const fold = new RowFold(deps.calendar, rowsOf(kept));
  const end = readChunks(file, kept.bytes, (text) => fold.addLines(text));
  if (end - kept.bytes >= WORTH_KEEPING) keep(deps, month, fold.kept(end, tailBefore(file, end)));
  return { rows: fold.rows(), unreadable: fold.unreadable, end };
}

function readKept({ home, calendar }: SumsDeps, month: string, file: string): Sums {
  const none: Sums = { version: 1, zone: calendar.zone, bytes: 0, tail: "", names: [], rows: [] };
  try {
    const parsed = SumsSchema.safeParse(JSON.parse(fs.readFileSync(sumsFile(home, month), "utf8")));
    if (!parsed.success || parsed.data.zone !== calendar.zone) return none;
    return tailBefore(file, parsed.data.bytes) === parsed.data.tail ? parsed.data : none;
  } catch {
    // None yet, or damaged: the lines say everything.
    return none;
  }
}

function tailBefore(file: string, end: number): string {
  const fd = fs.openSync(file, "r");
  try {
    const data = Buffer.alloc(Math.min(TAIL_BYTES, end));
    const read = fs.readSync(fd, data, 0, data.length, end - data.length);
    return data.toString("latin1", 0, read);
  } finally {
    fs.closeSync(fd);
  }
}

/** By a new name, so that nobody reads half a file. Of two writers the last wins; either is right. */
function keep({ home, pid }: SumsDeps, month: string, sums: Sums): void {
  const file = sumsFile(home, month);
  const fresh = `${file}.${pid}`;
  try {
    fs.writeFileSync(fresh, JSON.stringify(sums), { mode: 0o600 });
    fs.renameSync(fresh, file);
  } catch {
    // A full or read-only disk: the next reader does the work again.
    fs.rmSync(fresh, { force: true });
  }
}

/** The names of a line in a known form. */
const NamesSchema = z.object({
  project: z.string(),
  provider: z.string(),
  model: z.string(),
  purpose: z.string(),
  agent: z.string(),
  tool: z.nullable(z.string()),
});

/** A copy: as a part of a chunk it would keep the whole chunk in memory. */
function asOwnText(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("latin1");
}

/** Groups entries by their place in every dimension. */
class RowFold {
  readonly #calendar: Calendar;
  readonly #rows = new Map<string, UsageRow>();
  #moment = { prefix: "none", day: "" };
  /** Of the thread and day that the last line was of, by the bytes of the names. */
  #near: { thread: string; day: string; rows: Map<string, UsageRow> } = {
    thread: "",
    day: "",
    rows: new Map(),
  };
  readonly #meanings = new Map<string, z.infer<typeof NamesSchema>>();
  unreadable = 0;

  constructor(calendar: Calendar, rows: readonly UsageRow[]) {
    this.#calendar = calendar;
    for (const row of rows) this.#rows.set(nameOf(row.keys), row);
  }

  /** Lines of `readChunks`. */
  addLines(text: string): void {
    let from = 0;
    while (from < text.length) {
      const known = matchKnownLine(text, from);
      if (known !== null) {
        addKnownLine(this.#rowOfKnown(known), known);
        from = known.next;
        continue;
      }
      const end = text.indexOf("\n", from);
      if (end > from) this.#addOther(asUtf8(text.slice(from, end)));
      from = end + 1;
    }
  }

  #addOther(line: string): void {
    const entry = parseEntry(line);
    if (entry === null) this.unreadable += 1;
    else addEntry(this.#row(keysOf(entry, this.#dayOf(entry.at))), entry);
  }

  #row(keys: UsageRow["keys"]): UsageRow {
    const name = nameOf(keys);
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = { keys, ...emptySum() };
      this.#rows.set(name, row);
    }
    return row;
  }

  /** The row by the line's own bytes: lines of one thread on one day mostly stand together and are few kinds. */
  #rowOfKnown({ at, thread, names }: KnownLine): UsageRow {
    const day = this.#dayOf(at);
    if (thread !== this.#near.thread || day !== this.#near.day) {
      this.#near = { thread: asOwnText(thread), day, rows: new Map() };
    }
    let row = this.#near.rows.get(names);
    if (row === undefined) {
      const text = asOwnText(names);
      row = this.#row(keysOf({ ...this.#meaningOf(text), thread: asUtf8(thread.slice(1, -1)) }, day));
      this.#near.rows.set(text, row);
    }
    return row;
  }

  #meaningOf(names: string): z.infer<typeof NamesSchema> {
    let meaning = this.#meanings.get(names);
    if (meaning === undefined) {
      meaning = NamesSchema.parse(JSON.parse(`{${asUtf8(names)}}`));
      this.#meanings.set(names, meaning);
    }
    return meaning;
  }

  rows(): UsageRow[] {
    return [...this.#rows.values()];
  }

  kept(bytes: number, tail: string): Sums {
    const names = new Map<string, number>();
    const place = (name: string): number => {
      const known = names.get(name);
      if (known !== undefined) return known;
      names.set(name, names.size);
      return names.size - 1;
    };
    const rows: number[] = [];
    for (const row of this.#rows.values()) {
      for (const dimension of DIMENSIONS) rows.push(place(row.keys[dimension]));
      for (const field of SUM_FIELDS) rows.push(row[field]);
    }
    return { version: 1, zone: this.#calendar.zone, bytes, tail, names: [...names.keys()], rows };
  }

  /** Zones change by quarters of an hour, so all moments of ten minutes are on one day. */
  #dayOf(at: string): string {
    if (at.startsWith(this.#moment.prefix)) return this.#moment.day;
    const unixMs = Date.parse(at);
    const day = Number.isNaN(unixMs) ? at.slice(0, 10) : this.#calendar.dayOf(unixMs);
    this.#moment = { prefix: asOwnText(at.slice(0, 15)), day: asOwnText(day) };
    return day;
  }
}

function nameOf(keys: UsageRow["keys"]): string {
  return DIMENSIONS.map((dimension) => keys[dimension]).join("\n");
}

function rowsOf({ rows, names }: Sums): UsageRow[] {
  const all: UsageRow[] = [];
  for (let from = 0; from < rows.length; from += ROW_LENGTH) all.push(fromNumbers(rows, from, names));
  return all;
}

function fromNumbers(numbers: readonly number[], from: number, names: readonly string[]): UsageRow {
  const sum = emptySum();
  let at = from + DIMENSIONS.length;
  for (const field of SUM_FIELDS) sum[field] = numbers[at++] ?? 0;
  const key = (index: number) => names[numbers[from + index] ?? -1] ?? "";
  return {
    keys: {
      day: key(0),
      model: key(1),
      project: key(2),
      thread: key(3),
      agent: key(4),
      tool: key(5),
      provider: key(6),
      purpose: key(7),
    },
    ...sum,
  };
}
