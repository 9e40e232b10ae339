import { type ReasoningEffort, ReasoningEffortSchema } from "@quire/protocol";

/** The effort, known or a newer model's own; null for what cannot be one. */
export function effortOf(word: string | undefined): ReasoningEffort | null {
  const effort = ReasoningEffortSchema.safeParse(word);
  return effort.success ? effort.data : null;
}
