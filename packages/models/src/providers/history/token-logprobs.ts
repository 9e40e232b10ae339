import type { TokenChance, TokenLogprob } from "../../model-client.ts";
import { type Fields, fieldsOf } from "../../transport/json-fields.ts";

/** Log probabilities as the Chat Completions API and the Responses API list them; what has no number is left out. */
export function tokenLogprobs(list: unknown): TokenLogprob[] {
  const entries: readonly unknown[] = Array.isArray(list) ? list : [];
  return entries.flatMap((entry) => {
    const fields = fieldsOf(entry);
    const chance = chanceOf(fields);
    if (chance === null) return [];
    const others: readonly unknown[] = Array.isArray(fields.top_logprobs) ? fields.top_logprobs : [];
    const alternatives = others.flatMap((other) => chanceOf(fieldsOf(other)) ?? []);
    return [{ ...chance, alternatives }];
  });
}

function chanceOf({ token, logprob, bytes }: Fields): TokenChance | null {
  if (typeof token !== "string" || typeof logprob !== "number") return null;
  return { token, logprob, bytes: Array.isArray(bytes) && bytes.every(isByte) ? bytes : null };
}

function isByte(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < 256;
}

/** The four parallel lists of the Completions API. */
export function listedLogprobs(logprobs: unknown): TokenLogprob[] {
  const { tokens, token_logprobs: chances, top_logprobs: tops } = fieldsOf(logprobs);
  if (!Array.isArray(tokens) || !Array.isArray(chances)) return [];
  return tokens.flatMap((token: unknown, index) => {
    const logprob: unknown = chances[index];
    if (typeof token !== "string" || typeof logprob !== "number") return [];
    const others = Array.isArray(tops) ? Object.entries(fieldsOf(tops[index])) : [];
    const alternatives = others.flatMap(([text, chance]) =>
      typeof chance === "number" ? [{ token: text, logprob: chance, bytes: null }] : [],
    );
    return [{ token, logprob, bytes: null, alternatives }];
  });
}
