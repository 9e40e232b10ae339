import {
  addUsage,
  type Cost,
  NO_USAGE,
  type ResponseItem,
  type RolloutRecord,
  type TokenUsage,
} from "@quire/protocol";
import { addCost } from "../thread/cost.ts";
import { estimatePiece } from "../turn/estimate-tokens.ts";
import { type PrefixBreak, prefixBreak, type SentPrefix } from "./prefix-break.ts";
import { type ReplayedRequest, replayRequests } from "./replay-requests.ts";
import { fieldsOf, RequestBytes } from "./request-bytes.ts";
import { type SentOutput, type Source, SourceWeights, shared } from "./token-sources.ts";

export interface ExplainDeps {
  priceOf: (usage: TokenUsage, model: string) => Cost;
  /** US dollars for a million tokens of input; null where a price is not known. */
  inputPrices: (model: string) => { plain: number | null; cached: number | null };
}

/** One request of the thread. */
export interface ExplainedRequest {
  turnId: string;
  requestId: string | null;
  purpose: string;
  model: string;
  usage: TokenUsage;
  cost: Cost | null;
  /** Up to the end of the last item; null where the log does not hold what was sent. */
  bytes: number | null;
  /** Null when it began with all of the request before, or there was none. */
  broken: PrefixBreak | null;
  /** Input of the request before that did not come from the cache. */
  missedTokens: number;
  /** What that cost more than a hit; null where a price is not known. */
  missUsd: number | null;
}

/** What the next request is expected to take, before anything is added to it. */
export interface NextRequest {
  model: string;
  input: number;
  cached: number;
  cost: Cost;
}

export interface ThreadExplanation {
  requests: ExplainedRequest[];
  /** Input of all requests by where it came from, largest first. */
  sources: { source: Source; tokens: number }[];
  /** Output of all requests. */
  output: { reasoning: number; answers: number };
  /** The outputs of tools that took most, over all requests that carried them. */
  outputs: SentOutput[];
  usage: TokenUsage;
  cost: Cost | null;
  /** Null before the first request. */
  next: NextRequest | null;
}

const LARGEST_OUTPUTS = 10;
/** Caches hold whole blocks, and endpoints count the rest as new. */
const BLOCK_TOKENS = 1024;

/** Explains a thread's bill from its log alone. */
export function explainThread(records: readonly RolloutRecord[], deps: ExplainDeps): ThreadExplanation {
  const explainer = new Explainer(deps);
  const requests = replayRequests(records);
  for (;;) {
    const step = requests.next();
    if (step.done === true) return explainer.result(step.value);
    explainer.take(step.value);
  }
}

class Explainer {
  readonly #deps: ExplainDeps;
  readonly #bytes = new RequestBytes();
  readonly #requests: ExplainedRequest[] = [];
  readonly #sources = new Map<Source, number>();
  readonly #outputs = new Map<ResponseItem, SentOutput>();
  #usage = NO_USAGE;
  #cost: Cost | null = null;
  #weights: { of: readonly ResponseItem[]; head: Buffer; weights: SourceWeights } | null = null;
  #last: { prefix: SentPrefix; usage: TokenUsage; model: string; items: number } | null = null;

  constructor(deps: ExplainDeps) {
    this.#deps = deps;
  }

  take(request: ReplayedRequest): void {
    const own = request.inheritedFrom === null;
    const prefix = this.#prefixOf(request);
    const explained = this.#explain(request, prefix);
    if (own) {
      this.#requests.push(explained);
      this.#usage = addUsage(this.#usage, request.usage);
      this.#cost = addCost(this.#cost, request.cost);
    }
    if (prefix === null) return;
    this.#count(request, prefix, own);
    const { usage, input } = request;
    this.#last = { prefix, usage, model: prefix.fields.model, items: input.length };
  }

  result(history: readonly ResponseItem[]): ThreadExplanation {
    const sources = [...this.#sources].map(([source, tokens]) => ({ source, tokens }));
    const { output_tokens: output, reasoning_output_tokens: reasoning } = this.#usage;
    return {
      requests: this.#requests,
      sources: sources.sort((a, b) => b.tokens - a.tokens),
      output: { reasoning, answers: Math.max(0, output - reasoning) },
      outputs: [...this.#outputs.values()]
        .filter(({ requests }) => requests > 0)
        .sort((a, b) => b.tokens * b.requests - a.tokens * a.requests)
        .slice(0, LARGEST_OUTPUTS),
      usage: this.#usage,
      cost: this.#cost,
      next: this.#next(history),
    };
  }

  /** Null for what was not a request of this history, or one that the log does not hold. */
  #prefixOf(request: ReplayedRequest): SentPrefix | null {
    if (request.purpose !== "turn" || request.requestId === null) return null;
    const fields = fieldsOf(request);
    if (fields === null) return null;
    const head = this.#bytes.head(fields);
    const items = [...request.input];
    const inside = items.reduce((sum, item) => sum + this.#bytes.sizeOf(item), 0);
    return { fields, head, items, bytes: head.length + inside + Math.max(0, items.length - 1) };
  }

  #explain(request: ReplayedRequest, prefix: SentPrefix | null): ExplainedRequest {
    const { turnId, requestId, purpose, usage, cost, head } = request;
    const model = head?.model ?? "unknown";
    const last = this.#last;
    const compared = prefix !== null && last !== null;
    const missed = compared ? Math.max(0, last.usage.input_tokens - usage.cached_input_tokens) : 0;
    const missedTokens = missed < BLOCK_TOKENS ? 0 : missed;
    const { plain, cached } = this.#deps.inputPrices(model);
    return {
      turnId,
      requestId,
      purpose,
      model,
      usage,
      cost,
      bytes: prefix?.bytes ?? null,
      broken: compared ? prefixBreak(last.prefix, prefix, this.#bytes) : null,
      missedTokens,
      missUsd: plain === null || cached === null ? null : (missedTokens * (plain - cached)) / 1_000_000,
    };
  }

  #count({ input, usage }: ReplayedRequest, { fields, head }: SentPrefix, own: boolean): void {
    if (this.#weights === null || this.#weights.of !== input || !this.#weights.head.equals(head)) {
      this.#weights = { of: input, head, weights: new SourceWeights(fields, this.#outputs) };
    }
    const { weights } = this.#weights;
    weights.follow(input);
    if (!own) return;
    for (const output of weights.outputs) output.requests += 1;
    for (const [source, tokens] of shared(usage.input_tokens, weights.weights)) {
      this.#sources.set(source, (this.#sources.get(source) ?? 0) + tokens);
    }
  }

  #next(history: readonly ResponseItem[]): NextRequest | null {
    const last = this.#last;
    if (last === null) return null;
    const { input_tokens: sent } = last.usage;
    const continues = last.prefix.items.every((item, at) => history[at] === item);
    const added = history.slice(last.items).reduce((sum, item) => sum + estimatePiece(item), 0);
    const input = continues
      ? sent + Math.ceil(added)
      : history.reduce((sum, item) => sum + Math.ceil(estimatePiece(item)), 0);
    const cached = continues ? sent : 0;
    const usage = { ...NO_USAGE, input_tokens: input, cached_input_tokens: cached };
    return { model: last.model, input, cached, cost: this.#deps.priceOf(usage, last.model) };
  }
}
