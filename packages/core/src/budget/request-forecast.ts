import type { ModelRequest } from "@quire/models";
import type { ResponseItem, TokenUsage } from "@quire/protocol";
import { estimateTokens, type Sized } from "../turn/estimate-tokens.ts";

/** What a request is expected to have as input, and how much of it an endpoint's cache should hold. */
export interface Expected {
  input: number;
  cached: number;
}

/**
 * Expects of a thread's next request what its last one teaches: the counts of the endpoint for what is sent again, and a
 * rough count, corrected by how wrong the last one was, for what is new. What was sent again in the same bytes should come
 * from the cache.
 */
export class RequestForecast {
  #last: {
    model: string;
    head: readonly unknown[];
    items: number;
    item: ResponseItem | undefined;
    rough: number;
  } | null = null;
  #actual: number | null = null;
  /** Tokens for each rough token. */
  #factor = 1;

  /** Expects the request that is sent next; `learn` tells what it really took. */
  expect(request: Sized & Pick<ModelRequest, "model">): Expected {
    const rough = estimateTokens(request);
    const last = this.#last;
    const continues = last !== null && isContinued(last, request);
    const input =
      continues && this.#actual !== null
        ? this.#actual + Math.max(0, Math.ceil((rough - last.rough) * this.#factor))
        : Math.ceil(rough * this.#factor);
    const cached = continues ? Math.min(this.#actual ?? 0, input) : 0;
    this.#last = {
      model: request.model,
      head: [request.instructions, ...request.tools],
      items: request.input.length,
      item: request.input.at(-1),
      rough,
    };
    return { input, cached };
  }

  learn(usage: TokenUsage | null): void {
    this.#actual = usage?.input_tokens ?? null;
    const rough = this.#last?.rough ?? 0;
    if (usage !== null && usage.input_tokens > 0 && rough > 0) this.#factor = usage.input_tokens / rough;
  }
}

function isContinued(
  last: { model: string; head: readonly unknown[]; items: number; item: ResponseItem | undefined },
  request: Sized & Pick<ModelRequest, "model">,
): boolean {
  const head = [request.instructions, ...request.tools];
  return (
    last.model === request.model &&
    last.head.length === head.length &&
    last.head.every((part, at) => part === head[at]) &&
    request.input.length >= last.items &&
    request.input[last.items - 1] === last.item
  );
}
