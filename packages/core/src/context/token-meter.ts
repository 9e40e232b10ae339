import { BYTES_PER_TOKEN, estimateTokens, type Sized } from "../turn/estimate-tokens.ts";

/** A tokenizer is never further from our count than this; counts beyond it are an endpoint's mistake. */
const LEAST_RATIO = 0.5;
const MOST_RATIO = 4;

/** Estimates what requests of one thread take, corrected by what its endpoint last counted. */
export class TokenMeter {
  #ratio = 1;

  /** Tokens of the request's input. */
  estimate(request: Sized): number {
    return Math.ceil(estimateTokens(request) * this.#ratio);
  }

  /** About how much text so many tokens are. */
  bytesFor(tokens: number): number {
    return (tokens / this.#ratio) * BYTES_PER_TOKEN;
  }

  /** Takes in what the endpoint counted for a request. */
  learn(request: Sized, inputTokens: number): void {
    const rough = estimateTokens(request);
    if (rough === 0 || inputTokens === 0) return;
    this.#ratio = Math.min(MOST_RATIO, Math.max(LEAST_RATIO, inputTokens / rough));
  }
}
