import * as z from "zod";
import * as field from "../wire/request-fields.ts";

/** The body of `POST /v1/completions`. */
export const CompletionRequestSchema = z.strictObject({
  model: z.string().min(1).max(256),
  prompt: z
    .union([
      z.string(),
      z.array(z.string()).min(1).max(16),
      z.array(z.int()).min(1),
      z.array(z.array(z.int())).min(1),
    ])
    .nullish(),
  suffix: z.string().nullish(),
  max_tokens: z.int().min(0).nullish(),
  stop: field.stop,
  n: field.choices,
  best_of: z.int().min(1).max(20).nullish(),
  logprobs: z.int().min(0).max(5).nullish(),
  echo: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: field.streamOptions,
  temperature: field.temperature,
  top_p: field.topP,
  frequency_penalty: z.number().nullish(),
  presence_penalty: z.number().nullish(),
  logit_bias: z.unknown().optional(),
  seed: z.int().nullish(),
  user: z.string().nullish(),
});
export type CompletionRequest = z.infer<typeof CompletionRequestSchema>;

/** The prompts, each of which gets `n` choices; null for tokens, which no provider here can read. */
export function promptsOf({ prompt }: CompletionRequest): string[] | null {
  if (prompt === undefined || prompt === null) return [""];
  if (typeof prompt === "string") return [prompt];
  const texts = prompt.filter((part) => typeof part === "string");
  return texts.length === prompt.length ? texts : null;
}
