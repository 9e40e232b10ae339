import type { BudgetBook, ReserveOutcome, Shortage } from "@quire/ledger";
import type { ModelRequest } from "@quire/models";
import { CodedError, type ErrorInfo, errorInfoOf, groupedDigits } from "@quire/protocol";
import type { TurnContext } from "../turn/turn-context.ts";
import { announceBudget } from "./announce-budget.ts";
import { noPrice } from "./budget-errors.ts";
import { LEAST_OUTPUT } from "./budget-guard.ts";
import type { Expected } from "./request-forecast.ts";

/** Output that is set aside for a call where nothing bounds it more; more at once would keep others waiting. */
const RESERVED_OUTPUT = 32_000;

export type CallAdmission =
  | { kind: "refused"; error: ErrorInfo }
  | {
      kind: "admitted";
      request: ModelRequest;
      expected: Expected;
      /** Gives back what was set aside; to be called after the request is entered in the books. */
      release: () => void;
    };

/** Decides about a call, and tells readers how the limits stand then and once it is over. */
export async function admitCall(turn: TurnContext, request: ModelRequest): Promise<CallAdmission> {
  const admission = await decide(turn, request);
  if (admission.kind === "refused") return admission;
  announceBudget(turn, admission);
  const release = (): void => {
    admission.release();
    announceBudget(turn, null);
  };
  return { ...admission, release };
}

/** First by the limits of the turn and the thread, then by those that everybody shares. */
async function decide(turn: TurnContext, request: ModelRequest): Promise<CallAdmission> {
  const own = await admittedInTime(turn, request);
  if (own.kind === "refused") return own;
  const { expected, release: releaseOuter } = own;
  const { budgetBook } = turn.parts;
  if (budgetBook === undefined) return own;
  const declared = turn.settings.outputLimit ?? RESERVED_OUTPUT;
  const wanted = Math.min(own.request.maxOutputTokens ?? declared, declared, RESERVED_OUTPUT);
  const outcome = await reserve(turn, budgetBook, own.request, expected, wanted).catch((thrown: unknown) => {
    releaseOuter();
    throw thrown;
  });
  switch (outcome.kind) {
    case "reserved": {
      const { outputTokens, release } = outcome;
      return {
        kind: "admitted",
        request: bounded(turn, own.request, expected, outputTokens),
        expected,
        release: () => {
          releaseOuter();
          release();
        },
      };
    }
    case "unpriced":
      releaseOuter();
      return { kind: "refused", error: noPrice(request.model, turn.bill.priceAtMost(request.model, 0, 0)) };
    case "refused":
      releaseOuter();
      return {
        kind: "refused",
        error: turn.signal.aborted
          ? errorInfoOf(new CodedError("interrupted", "the turn was interrupted"))
          : shortageError(outcome),
      };
  }
}

/** Waits while only calls of other agents, which will end, stand in the way. */
async function admittedInTime(turn: TurnContext, request: ModelRequest): Promise<CallAdmission> {
  for (;;) {
    const own = turn.budget.admit(request, turn.bill);
    if (own.kind === "refused") return own;
    // In the same step, so that nobody else is admitted in between.
    if (own.kind === "admitted") return { ...own, release: turn.budget.holdOuter(own.request, own.expected) };
    await turn.budget.room(turn.signal);
    if (turn.signal.aborted) {
      const error = errorInfoOf(new CodedError("interrupted", "the turn was interrupted"));
      return { kind: "refused", error };
    }
  }
}

function reserve(
  turn: TurnContext,
  book: BudgetBook,
  request: ModelRequest,
  { input }: Expected,
  wanted: number,
): Promise<ReserveOutcome> {
  return book.reserve(
    {
      inputTokens: input,
      outputTokens: wanted,
      leastOutputTokens: Math.min(LEAST_OUTPUT, wanted),
      usdWith: (output) => {
        const cost = turn.bill.priceAtMost(request.model, input, output);
        return cost.kind === "known" ? cost.usd : null;
      },
    },
    turn.signal,
  );
}

/** What is reserved is the most that may come back; a bound beyond the context window an endpoint would refuse. */
function bounded(
  turn: TurnContext,
  request: ModelRequest,
  { input }: Expected,
  outputTokens: number,
): ModelRequest {
  const window = turn.settings.contextWindow;
  const room = window === null ? outputTokens : Math.min(outputTokens, window - input);
  return room > 0 ? { ...request, maxOutputTokens: room } : request;
}

const SPANS = { day: "today", month: "this month", user: "all threads" } as const;
const WHEN = {
  day: "wait until tomorrow, or allow more",
  month: "wait until next month, or allow more",
  user: "allow more",
} as const;

function shortageError({ scope, unit, allowed, used, reserved, needed }: Shortage): ErrorInfo {
  const amount = (value: number) =>
    unit === "usd" ? `$${value.toFixed(4)}` : `${groupedDigits(Math.ceil(value))} tokens`;
  const setting = `[budget.${scope}] ${unit === "usd" ? "max_cost" : "max_tokens"}`;
  const held = reserved > 0 ? `, ${amount(reserved)} more set aside by other calls in progress` : "";
  return {
    code: "budget_exceeded",
    message: `The budget of ${SPANS[scope]} is used up: ${amount(used)} of ${amount(allowed)} (${setting})${held}, and the next call needs about ${amount(needed)}. What was done so far is kept.`,
    retryable: reserved > 0,
    next_step: `Look at quire usage; then ${WHEN[scope]} with ${setting} in config.toml, and resume the thread.`,
    budget: { limit: unit === "usd" ? "cost" : "tokens", allowed, used, needed, scope, reserved },
  };
}
