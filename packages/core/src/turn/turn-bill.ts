import {
  type LedgerEntry,
  type LedgerPrice,
  type LedgerWriter,
  ledgerCost,
  ledgerUsage,
  type Purpose,
  wasRefused,
} from "@quire/ledger";
import {
  addUsage,
  type Cost,
  type ErrorInfo,
  isToolCall,
  isToolOutput,
  NO_USAGE,
  type ResponseItem,
  type TokenUsage,
} from "@quire/protocol";
import type { AgentSpending } from "../agents/agent.ts";
import type { Expected } from "../budget/request-forecast.ts";
import { addCost } from "../thread/cost.ts";
import type { ThreadRecord } from "../thread/thread-record.ts";

/** Where a thread's requests are entered, and what the entries say of it. */
export interface ThreadBooks {
  readonly ledger: Pick<LedgerWriter, "append">;
  /** Absolute path of the project's root. */
  readonly project: () => string;
  readonly purpose: Purpose;
  /** The price list's figures that costs are worked out with. */
  readonly priceUsed: (model: string) => LedgerPrice | null;
}

export interface BillDeps {
  readonly record: ThreadRecord;
  readonly books: ThreadBooks | null;
  /** The turn's `agent` setting. */
  readonly agent: string;
  readonly provider: string;
  readonly priceOf: (usage: TokenUsage, model: string) => Cost;
  readonly now: () => number;
  readonly contextWindow: number | null;
  /** Told of every entry with counts, whoever made it. */
  readonly onSpent?: (spent: AgentSpending) => void;
}

/** One request as it is about to be sent. */
export interface BilledRequest {
  readonly model: string;
  readonly effort: string | null;
  readonly input: readonly ResponseItem[];
  readonly purpose?: Purpose;
  readonly expected?: Expected;
  /** The bound on the answer that is sent along. */
  readonly maxOutputTokens?: number | undefined;
}

/** What a turn's requests were expected to take, before each was sent. */
export interface ExpectedSum {
  input: number;
  cached: number;
  /** US dollars for the input; null where no price is known. */
  usd: number | null;
}

/** What became of a request. */
export interface RequestEnd {
  readonly usage: TokenUsage | null;
  readonly responseId: string | null;
  readonly error: ErrorInfo | null;
}

/**
 * The bill of one turn. Every request is entered once, with each of its failed attempts: first in the thread's log, then
 * in the ledger. The sums of both are the turn's usage, so they cannot disagree.
 */
export class TurnBill {
  usage: TokenUsage = NO_USAGE;
  cost: Cost | null = null;
  /** A bound on `cost`, which may be unknown where a price for cached input is; null without any bound. */
  atMostUsd: number | null = 0;
  readonly expected: ExpectedSum = { input: 0, cached: 0, usd: 0 };
  readonly #turnId: string;
  readonly #deps: BillDeps;
  #requests = 0;

  constructor(turnId: string, deps: BillDeps) {
    this.#turnId = turnId;
    this.#deps = deps;
  }

  /** What so many tokens cost at most: cached ones count like new ones where only their price is missing. */
  priceAtMost(model: string, input: number, output: number): Cost {
    return this.#deps.priceOf({ ...NO_USAGE, input_tokens: input, output_tokens: output }, model);
  }

  /** Opens the entry of a request; `attemptFailed` for each attempt that is made again, then `ended` once. */
  begin(request: BilledRequest) {
    const tool = causingTool(request.input);
    const estimate = this.#expect(request);
    let attempt = 1;
    return {
      attemptFailed: (error: ErrorInfo): void => {
        this.#enter(request, { estimate, tool, attempt, error, usage: null });
        attempt += 1;
      },
      ended: ({ usage, responseId, error }: RequestEnd): void => {
        const id = this.#nextId();
        if (usage !== null) this.#log(id, request, usage, responseId);
        this.#enter(request, { id, estimate, tool, attempt, error, usage });
      },
    };
  }

  /** Adds what another thread has used for this turn; its lines in the ledger are the other thread's. */
  addElsewhere(entry: Parameters<ThreadRecord["addUsage"]>[1]): void {
    this.usage = addUsage(this.usage, entry.usage);
    this.cost = addCost(this.cost, entry.cost);
    this.atMostUsd =
      this.atMostUsd === null || entry.cost.kind === "unknown" ? null : this.atMostUsd + entry.cost.usd;
    this.#deps.record.addUsage(this.#turnId, entry);
    this.#deps.onSpent?.(entry);
  }

  #nextId(): string {
    this.#requests += 1;
    return `${this.#turnId}:${this.#requests}`;
  }

  #log(id: string, request: BilledRequest, usage: TokenUsage, responseId: string | null): void {
    const { record, priceOf, contextWindow } = this.#deps;
    const cost = priceOf(usage, request.model);
    this.usage = addUsage(this.usage, usage);
    this.cost = addCost(this.cost, cost);
    const most = this.priceAtMost(request.model, usage.input_tokens, usage.output_tokens);
    const usd = cost.kind === "known" ? cost.usd : most.kind === "known" ? most.usd : null;
    this.atMostUsd = this.atMostUsd === null || usd === null ? null : this.atMostUsd + usd;
    record.addUsage(this.#turnId, {
      usage,
      cost,
      model: request.model,
      responseId,
      contextWindow,
      requestId: id,
      ...(request.purpose === undefined ? {} : { purpose: request.purpose }),
    });
    this.#deps.onSpent?.({ usage, cost, model: request.model, contextWindow });
  }

  #expect({ model, expected }: BilledRequest): LedgerEntry["estimate"] {
    if (expected === undefined) return undefined;
    const { input, cached } = expected;
    const cost = this.#deps.priceOf({ ...NO_USAGE, input_tokens: input, cached_input_tokens: cached }, model);
    const usd = cost.kind === "known" ? cost.usd : null;
    const sum = this.expected;
    sum.input += input;
    sum.cached += cached;
    sum.usd = sum.usd === null || usd === null ? null : sum.usd + usd;
    return { in: input, cached, usd };
  }

  #costOf(
    request: BilledRequest,
    usage: TokenUsage | null,
    error: ErrorInfo | null,
  ): Pick<LedgerEntry, "cost" | "at_most"> {
    if (usage === null && error !== null && wasRefused(error)) return { cost: null };
    const cost: Cost =
      usage === null
        ? { kind: "unknown", reason: "the endpoint gave no counts" }
        : this.#deps.priceOf(usage, request.model);
    if (cost.kind === "known") return { cost: { usd: cost.usd } };
    const input = usage?.input_tokens ?? request.expected?.input;
    const output = usage?.output_tokens ?? request.maxOutputTokens;
    if (input === undefined || output === undefined) return { cost: ledgerCost(cost) };
    const most = this.priceAtMost(request.model, input, output);
    return { cost: ledgerCost(cost), ...(most.kind === "known" ? { at_most: most.usd } : {}) };
  }

  #enter(
    request: BilledRequest,
    end: {
      id?: string;
      estimate: LedgerEntry["estimate"];
      tool: string | null;
      attempt: number;
      error: ErrorInfo | null;
      usage: TokenUsage | null;
    },
  ): void {
    const { books, agent, record, provider, now } = this.#deps;
    if (books === null) return;
    const { usage, error } = end;
    books.ledger.append(
      record.redact({
        v: 1,
        id: end.id ?? this.#nextId(),
        at: new Date(now()).toISOString(),
        thread: record.threadId,
        turn: this.#turnId,
        project: books.project(),
        provider,
        model: request.model,
        effort: request.effort,
        purpose: request.purpose ?? books.purpose,
        agent,
        tool: end.tool,
        attempt: end.attempt,
        failed: error?.code ?? null,
        usage: usage === null ? null : ledgerUsage(usage),
        price: books.priceUsed(request.model),
        ...this.#costOf(request, usage, error),
        ...(end.estimate === undefined ? {} : { estimate: end.estimate }),
      }),
    );
  }
}

/**
 * The tool that a request answers: of the outputs that came since the model last spoke, the largest one's. Null when a
 * person speaks alone.
 */
export function causingTool(input: readonly ResponseItem[]): string | null {
  let largest: { callId: string; size: number } | null = null;
  let at = input.length - 1;
  for (; at >= 0; at--) {
    const item = input[at];
    if (item === undefined || isOfModel(item)) break;
    if (!isToolOutput(item)) continue;
    const size = typeof item.output === "string" ? item.output.length : JSON.stringify(item.output).length;
    if (largest === null || size >= largest.size) largest = { callId: item.call_id, size };
  }
  if (largest === null) return null;
  for (; at >= 0; at--) {
    const item = input[at];
    if (item !== undefined && isToolCall(item) && item.call_id === largest.callId) return item.name;
  }
  return null;
}

function isOfModel(item: ResponseItem): boolean {
  return (
    isToolCall(item) || item.type === "reasoning" || (item.type === "message" && item.role === "assistant")
  );
}
