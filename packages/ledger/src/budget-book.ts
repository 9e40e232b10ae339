import { type Amount, LedgerTotals, SHARED_SCOPES, type SharedScope } from "./ledger-totals.ts";
import type { SumsDeps } from "./month-sums.ts";
import { type Release, type ReservationDeps, ReservationFiles } from "./reservation-files.ts";

/** The most that may be used up in a span; absent limits do not hold. */
export interface Limits {
  readonly maxUsd?: number;
  /** Tokens in and out together, cached ones included. */
  readonly maxTokens?: number;
}

export type SharedLimits = Readonly<Partial<Record<SharedScope, Limits>>>;

/** What a call is about to take. */
export interface CallNeed {
  readonly inputTokens: number;
  /** The output it would like, and the least that is of use. */
  readonly outputTokens: number;
  readonly leastOutputTokens: number;
  /** What the call costs at most with so much output; null where no price is known. */
  readonly usdWith: (outputTokens: number) => number | null;
}

export type ReserveOutcome =
  /** The call may be made with at most `outputTokens`; release after its line is in the ledger. */
  | { kind: "reserved"; outputTokens: number; release: Release }
  | ({ kind: "refused" } & Shortage)
  /** There is a limit in money and no price to keep it by. */
  | { kind: "unpriced"; scope: SharedScope };

/** One limit as it stands. */
export type SharedBudgetState = Omit<Shortage, "needed">;

/** The limit that a call does not fit under. */
export interface Shortage {
  scope: SharedScope;
  unit: "usd" | "tokens";
  allowed: number;
  used: number;
  /** By other calls in progress. */
  reserved: number;
  needed: number;
}

export interface BudgetBookDeps extends SumsDeps, ReservationDeps {
  now: () => number;
  /** Resolves after `ms`, or as soon as the signal aborts. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** How long a call waits for others to give back what they did not need. */
const LONGEST_WAIT_MS = 120_000;
const LONGEST_PAUSE_MS = 250;

/**
 * Keeps limits that several threads and processes share. A call writes down what it may take before it looks at what the
 * others have written, so of two that come together at least one sees the other: the limit is kept without a lock, and
 * with nothing to clean up after a crash. Reservations are read before the ledger, because a call enters its line before it
 * gives its reservation back: counted twice for a moment, never not at all.
 */
export class BudgetBook {
  readonly #limits: SharedLimits;
  readonly #deps: BudgetBookDeps;
  readonly #totals: LedgerTotals;
  readonly #files: ReservationFiles;

  constructor(limits: SharedLimits, deps: BudgetBookDeps) {
    this.#limits = limits;
    this.#deps = deps;
    this.#totals = new LedgerTotals(deps);
    this.#files = new ReservationFiles(deps);
  }

  /** Waits while what is missing is only reserved by others. Resolves at once, as refused, when the signal aborts. */
  async reserve(need: CallNeed, signal: AbortSignal): Promise<ReserveOutcome> {
    const unpriced = this.#unpriced(need);
    if (unpriced !== null) return { kind: "unpriced", scope: unpriced };
    let wanted = need.outputTokens;
    let waited = 0;
    for (;;) {
      const attempt = this.#attempt(need, wanted);
      if (attempt.kind === "reserved") return attempt;
      if (attempt.kind === "smaller") {
        wanted = attempt.outputTokens;
        continue;
      }
      const hopeless = attempt.used + attempt.needed > attempt.allowed;
      if (hopeless || signal.aborted || waited >= LONGEST_WAIT_MS) return attempt;
      wanted = need.outputTokens;
      const pause = 10 + this.#deps.random() * LONGEST_PAUSE_MS;
      waited += pause;
      await this.#deps.sleep(pause, signal);
    }
  }

  /** How the limits stand now, with what calls in progress of all processes have reserved. */
  state(): SharedBudgetState[] {
    const reserved = this.#files.others("");
    this.#totals.refresh();
    return SHARED_SCOPES.flatMap((scope) => {
      const { maxTokens, maxUsd } = this.#limits[scope] ?? {};
      if (maxTokens === undefined && maxUsd === undefined) return [];
      const used = this.#totals.used(scope, this.#deps.now());
      const of = (unit: "usd" | "tokens", allowed: number | undefined): SharedBudgetState[] =>
        allowed === undefined ? [] : [{ scope, unit, allowed, used: used[unit], reserved: reserved[unit] }];
      return [...of("tokens", maxTokens), ...of("usd", maxUsd)];
    });
  }

  #unpriced(need: CallNeed): SharedScope | null {
    const inMoney = SHARED_SCOPES.find((scope) => this.#limits[scope]?.maxUsd !== undefined);
    return inMoney !== undefined && need.usdWith(need.leastOutputTokens) === null ? inMoney : null;
  }

  #attempt(
    need: CallNeed,
    wanted: number,
  ): Exclude<ReserveOutcome, { kind: "unpriced" }> | { kind: "smaller"; outputTokens: number } {
    const claim = this.#files.put(amountOf(need, wanted));
    let kept = false;
    try {
      const others = this.#files.others(claim.name);
      this.#totals.refresh();
      let output = wanted;
      for (const scope of SHARED_SCOPES) {
        const fits = this.#fit(scope, need, others);
        if (typeof fits !== "number") return fits;
        output = Math.min(output, fits);
      }
      if (output < wanted) return { kind: "smaller", outputTokens: output };
      kept = true;
      return { kind: "reserved", outputTokens: output, release: claim.release };
    } finally {
      if (!kept) claim.release();
    }
  }

  /** The output that fits under the limits of one span, or what is missing for the least. */
  #fit(scope: SharedScope, need: CallNeed, others: Amount): number | ({ kind: "refused" } & Shortage) {
    const { maxTokens, maxUsd } = this.#limits[scope] ?? {};
    if (maxTokens === undefined && maxUsd === undefined) return Number.POSITIVE_INFINITY;
    const used = this.#totals.used(scope, this.#deps.now());
    const least = amountOf(need, need.leastOutputTokens);
    let output = Number.POSITIVE_INFINITY;
    if (maxTokens !== undefined) {
      const left = maxTokens - used.tokens - others.tokens;
      if (least.tokens > left) {
        return shortage(scope, "tokens", maxTokens, used.tokens, others.tokens, least.tokens);
      }
      output = Math.floor(left - need.inputTokens);
    }
    if (maxUsd !== undefined) {
      const left = maxUsd - used.usd - others.usd;
      if (least.usd > left) return shortage(scope, "usd", maxUsd, used.usd, others.usd, least.usd);
      output = Math.min(output, outputFor(left, need, least.usd));
    }
    return output;
  }
}

function amountOf(need: CallNeed, outputTokens: number): Amount {
  return { tokens: need.inputTokens + outputTokens, usd: need.usdWith(outputTokens) ?? 0 };
}

/** Prices are linear in the output, so two points say how much of it so much money buys. */
function outputFor(usd: number, need: CallNeed, leastUsd: number): number {
  const SPAN = 1000;
  const more = need.usdWith(need.leastOutputTokens + SPAN) ?? leastUsd;
  const perToken = (more - leastUsd) / SPAN;
  if (perToken <= 0) return Number.POSITIVE_INFINITY;
  return need.leastOutputTokens + Math.floor((usd - leastUsd) / perToken);
}

function shortage(
  scope: SharedScope,
  unit: Shortage["unit"],
  allowed: number,
  used: number,
  reserved: number,
  needed: number,
): { kind: "refused" } & Shortage {
  return { kind: "refused", scope, unit, allowed, used, reserved, needed };
}
