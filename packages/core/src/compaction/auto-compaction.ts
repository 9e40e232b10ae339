import { type ErrorInfo, groupedDigits } from "@quire/protocol";
import { toModelRequest } from "../context/model-request.ts";
import type { TurnContext } from "../turn/turn-context.ts";
import { type CompactionCalls, compactHistory, leastRequest } from "./compact-history.ts";

/** A compaction that frees less than this share of the request was not worth it; after two in a row the turn ends. */
const LEAST_FREED_SHARE = 0.1;
const MOST_POOR_ONES = 2;

/** Keeps the requests of one turn below the limit, and notices when it cannot. */
export class AutoCompaction {
  #turn: TurnContext;
  #job: CompactionCalls;
  #poorOnes = 0;
  #refused = false;

  constructor(turn: TurnContext, job: CompactionCalls) {
    this.#turn = turn;
    this.#job = job;
  }

  /** The same turn with another model: summaries are that model's from now on. */
  goOnWith(turn: TurnContext, job: CompactionCalls): void {
    this.#turn = turn;
    this.#job = job;
  }

  /** Compacts where the next request needs it. An error ends the turn: no compaction can help. */
  async beforeCall(): Promise<ErrorInfo | null> {
    const { limit } = this.#turn.settings.compaction;
    if (limit === null || this.#estimate() <= limit) return null;
    const least = leastRequest(this.#turn);
    if (least > limit) return tooSmall(limit, least, "every request needs");
    const outcome = await compactHistory(this.#turn, { ...this.#job, trigger: "auto", instructions: null });
    if (outcome.kind === "unchanged") return tooSmall(limit, this.#estimate(), "this request needs");
    const { before, after } = outcome;
    this.#poorOnes = before - after < before * LEAST_FREED_SHARE ? this.#poorOnes + 1 : 0;
    if (after > limit) return tooSmall(limit, after, "even the compacted request needs");
    return this.#poorOnes >= MOST_POOR_ONES ? noProgress(limit, after) : null;
  }

  /** Whether a call that the endpoint refused for its length is to be made again: once, after a compaction. */
  async afterRefusal(error: ErrorInfo): Promise<boolean> {
    if (error.code !== "context_too_long" || this.#refused) return false;
    this.#refused = true;
    const job = { ...this.#job, trigger: "contextTooLong", instructions: null } as const;
    return (await compactHistory(this.#turn, job)).kind === "compacted";
  }

  /** A call was answered, so the next one that is refused may be made again as well. */
  answered(): void {
    this.#refused = false;
  }

  #estimate(): number {
    return this.#turn.parts.meter.estimate(toModelRequest(this.#turn));
  }
}

const NEXT_STEP =
  "Raise model_auto_compact_token_limit, choose a model with a larger window, or make AGENTS.md, tools or the request shorter; `quire context` shows what takes how much.";

function tooSmall(limit: number, needed: number, what: string): ErrorInfo {
  return {
    code: "context_too_small",
    message: `the context limit is ${groupedDigits(limit)} tokens, and ${what} about ${groupedDigits(needed)}`,
    retryable: false,
    next_step: NEXT_STEP,
  };
}

function noProgress(limit: number, after: number): ErrorInfo {
  return {
    code: "context_too_small",
    message: `two compactions in a row freed next to nothing: ${groupedDigits(after)} of ${groupedDigits(limit)} tokens are taken by what must stay`,
    retryable: false,
    next_step: NEXT_STEP,
  };
}
