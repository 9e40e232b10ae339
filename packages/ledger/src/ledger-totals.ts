import { parseEntry } from "./ledger-entry.ts";
import { ledgerMonths, monthFile, wholeLines } from "./ledger-files.ts";
import { readMonth, type SumsDeps } from "./month-sums.ts";
import { addEntry, emptySum, type UsageSum } from "./usage-row.ts";

/** Spans of time that all threads and processes of a home spend from together. */
export const SHARED_SCOPES = ["day", "month", "user"] as const;
export type SharedScope = (typeof SHARED_SCOPES)[number];

export interface Amount {
  tokens: number;
  usd: number;
}

/** What a home has used, followed as the ledger grows: after the first look each further one reads new lines only. */
export class LedgerTotals {
  readonly #deps: SumsDeps;
  readonly #days = new Map<string, Amount>();
  readonly #read = new Map<string, number>();

  constructor(deps: SumsDeps) {
    this.#deps = deps;
  }

  /** Everything that was in the ledger when the call began counts. */
  used(scope: SharedScope, unixMs: number): Amount {
    const today = this.#deps.calendar.dayOf(unixMs);
    const prefix = scope === "user" ? "" : scope === "month" ? today.slice(0, 7) : today;
    const sum = { tokens: 0, usd: 0 };
    for (const [day, amount] of this.#days) {
      if (!day.startsWith(prefix)) continue;
      sum.tokens += amount.tokens;
      sum.usd += amount.usd;
    }
    return sum;
  }

  refresh(): void {
    for (const month of ledgerMonths(this.#deps.home)) {
      const from = this.#read.get(month);
      if (from === undefined) this.#readWhole(month);
      else this.#readOn(month, from);
    }
  }

  #readWhole(month: string): void {
    const { rows, end } = readMonth(this.#deps, month);
    this.#read.set(month, end);
    for (const row of rows) this.#add(row.keys.day, row);
  }

  #readOn(month: string, from: number): void {
    const { text, end } = wholeLines(monthFile(this.#deps.home, month), from);
    this.#read.set(month, end);
    for (const line of text.split("\n")) {
      const entry = line === "" ? null : parseEntry(line);
      if (entry === null) continue;
      const sum = emptySum();
      addEntry(sum, entry);
      this.#add(this.#deps.calendar.dayOf(Date.parse(entry.at)), sum);
    }
  }

  #add(day: string, sum: UsageSum): void {
    const amount = this.#days.get(day) ?? { tokens: 0, usd: 0 };
    amount.tokens += sum.in + sum.out + sum.uncountedIn;
    amount.usd += sum.usd + sum.atMostUsd;
    this.#days.set(day, amount);
  }
}
