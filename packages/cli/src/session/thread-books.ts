import type { BudgetConfig, SpanBudget } from "@quire/config";
import { RETRIES_PER_TURN, type ThreadBooks, type ThreadLimits } from "@quire/core";
import {
  BudgetBook,
  type Calendar,
  type LedgerPrice,
  type Limits,
  openLedger,
  type Purpose,
  SHARED_SCOPES,
  type SharedLimits,
  type SumsDeps,
} from "@quire/ledger";
import { type Catalogue, priceInUse } from "@quire/models";
import type { System } from "../system.ts";
import { OFFLINE_MODEL } from "./model/model-choice.ts";
import type { SessionRequest } from "./session-request.ts";
import { dayOf, localDate, timezoneName } from "./surroundings.ts";
import { threadLogDeps } from "./thread-deps.ts";

/** The ledger of a session with what its lines say of the session, and the limits that hold for it. */
export function threadAccounts(request: SessionRequest, catalogue: Catalogue, project: () => string) {
  const { home, loaded, system } = request;
  const ledger = openLedger(home);
  const { budget } = loaded.config;
  const shared = sharedLimits(budget);
  const books: ThreadBooks = {
    ledger,
    project,
    purpose: purposeOf(request),
    priceUsed: (model) => priceUsed(catalogue, model, system),
  };
  return {
    parts: {
      books,
      limits: threadLimits(budget),
      ...(shared === null ? {} : { budgetBook: openBudgetBook(shared, system, home) }),
    },
    close: () => ledger.close(),
  };
}

/** The name by which `quire eval` introduces itself to the engine. */
const EVAL_CLIENT = "quire_eval";

function purposeOf({ source, originator }: SessionRequest): Purpose {
  if (originator === EVAL_CLIENT) return "eval";
  return source === "review" || source === "memory" ? source : "turn";
}

function openBudgetBook(limits: SharedLimits, system: System, home: string): BudgetBook {
  const { self, isAlive } = threadLogDeps(system, home).lock;
  return new BudgetBook(limits, {
    ...sumsDeps(system, home),
    self,
    isAlive,
    random: system.random,
    now: system.now,
    sleep: (ms, signal) => Promise.race([system.sleep(ms), aborted(signal)]),
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function threadLimits({ turn, thread, retriesPerTurn }: BudgetConfig): ThreadLimits {
  return {
    turn: { ...spanLimits(turn), ...(turn.maxCalls === null ? {} : { maxModelCalls: turn.maxCalls }) },
    thread: spanLimits(thread),
    retriesPerTurn: retriesPerTurn ?? RETRIES_PER_TURN,
  };
}

function spanLimits({ maxCostUsd, maxTokens }: SpanBudget) {
  return { ...(maxCostUsd === null ? {} : { maxCostUsd }), ...(maxTokens === null ? {} : { maxTokens }) };
}

/** Null when nothing is limited: then no request has to look at the ledger. */
function sharedLimits(budget: BudgetConfig): SharedLimits | null {
  const limits: Record<string, Limits> = {};
  for (const scope of SHARED_SCOPES) {
    const { maxCostUsd, maxTokens } = budget[scope];
    if (maxCostUsd === null && maxTokens === null) continue;
    limits[scope] = {
      ...(maxCostUsd === null ? {} : { maxUsd: maxCostUsd }),
      ...(maxTokens === null ? {} : { maxTokens }),
    };
  }
  return Object.keys(limits).length === 0 ? null : limits;
}

/** The figures that a model's costs are worked out with; null where no price is known. */
export function priceUsed(catalogue: Catalogue, model: string, system: System): LedgerPrice | null {
  if (model === OFFLINE_MODEL) {
    return { in: 0, cached: 0, written: 0, out: 0, as_of: localDate(system), source: "built in" };
  }
  const price = priceInUse(catalogue.resolveAlias(model).model);
  if (price === null) return null;
  const { input, cached_input: cached, cache_write_input: written, output, as_of, source } = price;
  return { in: input, cached, written: written ?? null, out: output, as_of, source };
}

/** Days as the user's clock has them. */
function localCalendar(system: System): Calendar {
  return { zone: timezoneName(system.env), dayOf };
}

/** What readers of the ledger's sums need. */
export function sumsDeps(system: System, home: string): SumsDeps {
  return { home, calendar: localCalendar(system), pid: system.pid };
}
