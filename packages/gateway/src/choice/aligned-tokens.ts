import type { TokenLogprob } from "@quire/models";

/**
 * Keeps log probabilities beside the text that they are of. They may come before it, and a stop sequence may cut the text
 * off in the middle of a token: what is taken are the tokens that begin within the text.
 */
export class AlignedTokens {
  /** Bytes of the text, from its beginning to where each token begins. */
  readonly #waiting: { start: number; token: TokenLogprob }[] = [];
  #end = 0;
  #taken = 0;

  push(tokens: readonly TokenLogprob[]): void {
    for (const token of tokens) {
      this.#waiting.push({ start: this.#end, token });
      this.#end += token.bytes?.length ?? Buffer.byteLength(token.token);
    }
  }

  /** Text without tokens comes next. */
  skip(text: string): void {
    this.#end += Buffer.byteLength(text);
  }

  /** The text has grown by this piece; the tokens that begin in it. */
  take(piece: string): TokenLogprob[] {
    this.#taken += Buffer.byteLength(piece);
    const later = this.#waiting.findIndex(({ start }) => start >= this.#taken);
    return this.#waiting.splice(0, later < 0 ? this.#waiting.length : later).map(({ token }) => token);
  }
}
