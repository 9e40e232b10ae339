import fs from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { ledgerDirectory } from "./ledger-files.ts";
import type { Amount } from "./ledger-totals.ts";

/** A process as others can recognise it: a pid alone may have been given to somebody else since. */
export interface ReservationOwner {
  pid: number;
  startTime: string;
  host: string;
}

const ReservationSchema = z.object({
  pid: z.number(),
  startTime: z.string(),
  host: z.string(),
  tokens: z.number(),
  usd: z.number(),
});

export interface ReservationDeps {
  home: string;
  self: ReservationOwner;
  isAlive: (owner: ReservationOwner) => boolean;
  random: () => number;
}

/** Takes the reservation back; may be called twice. */
export type Release = () => void;

/**
 * Amounts that calls in progress may still use, one small file for each. A file of a process that has ended counts for
 * nothing and is removed by whoever sees it, so a crash gives back what it held.
 */
export class ReservationFiles {
  readonly #deps: ReservationDeps;
  readonly #folder: string;

  constructor(deps: ReservationDeps) {
    this.#deps = deps;
    this.#folder = join(ledgerDirectory(deps.home), "reservations");
  }

  /** Written in one piece under a name of its own and never changed, so a reader sees all of it or nothing. */
  put(amount: Amount): { name: string; release: Release } {
    const { self, random } = this.#deps;
    fs.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const name = `${self.pid}-${Math.floor(random() * 2 ** 48).toString(36)}`;
    const path = join(this.#folder, `${name}.json`);
    // By a name that readers pass over first: a file that exists but is still empty would count for nothing.
    const fresh = join(this.#folder, `${name}.new`);
    fs.writeFileSync(fresh, JSON.stringify({ ...self, ...amount }), { mode: 0o600, flag: "wx" });
    fs.renameSync(fresh, path);
    return { name, release: () => fs.rmSync(path, { force: true }) };
  }

  /** What everybody else has reserved now, other calls of this process included. */
  others(than: string): Amount {
    const sum = { tokens: 0, usd: 0 };
    for (const file of this.#names()) {
      if (file === `${than}.json`) continue;
      const path = join(this.#folder, file);
      if (!file.endsWith(".json")) {
        this.#removeLeftover(path, file);
        continue;
      }
      const reservation = read(path);
      if (reservation === null) continue;
      if (!this.#deps.isAlive(reservation)) {
        fs.rmSync(path, { force: true });
        continue;
      }
      sum.tokens += reservation.tokens;
      sum.usd += reservation.usd;
    }
    return sum;
  }

  #names(): string[] {
    try {
      return fs.readdirSync(this.#folder);
    } catch {
      // Nothing was ever reserved here.
      return [];
    }
  }

  /** The first half of a reservation whose process was killed before the second. */
  #removeLeftover(path: string, file: string): void {
    const pid = Number(file.split("-")[0]);
    const owner = { pid, startTime: "", host: this.#deps.self.host };
    if (!this.#deps.isAlive(owner)) fs.rmSync(path, { force: true });
  }
}

function read(path: string): z.infer<typeof ReservationSchema> | null {
  try {
    return ReservationSchema.parse(JSON.parse(fs.readFileSync(path, "utf8")));
  } catch {
    // Released between the listing and the look, or nothing of ours.
    return null;
  }
}
