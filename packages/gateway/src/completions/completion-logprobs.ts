import type { TokenLogprob } from "@quire/models";

/** The parallel lists in which text completions have log probabilities. Offsets go on from one piece to the next. */
export class TokenLists {
  readonly #withAlternatives: boolean;
  #offset = 0;

  constructor(withAlternatives: boolean) {
    this.#withAlternatives = withAlternatives;
  }

  of(tokens: readonly TokenLogprob[]): object {
    const text_offset = tokens.map(({ token }) => {
      const offset = this.#offset;
      this.#offset += token.length;
      return offset;
    });
    return {
      tokens: tokens.map(({ token }) => token),
      token_logprobs: tokens.map(({ logprob }) => logprob),
      top_logprobs: this.#withAlternatives ? tokens.map(alternativesOf) : null,
      text_offset,
    };
  }
}

function alternativesOf({ alternatives }: TokenLogprob): Record<string, number> {
  return Object.fromEntries(alternatives.map(({ token, logprob }) => [token, logprob]));
}
