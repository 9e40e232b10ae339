import * as z from "zod/mini";

/**
 * `active`: turns follow each other until it is reached. `paused`: by the user, or by an interrupted or failed turn.
 * `blocked`: the agent cannot go on by itself. `usageLimited`: the endpoint or a budget of the user's said no.
 * `budgetLimited`: its tokens are used up.
 */
export const GoalStatusSchema = z.enum([
  "active",
  "paused",
  "blocked",
  "usageLimited",
  "budgetLimited",
  "complete",
]);
export type GoalStatus = z.infer<typeof GoalStatusSchema>;

/** What a thread works towards over several turns; at most one. The fields are Codex's, but for `reason`. */
export const ThreadGoalSchema = z.object({
  threadId: z.string(),
  objective: z.string(),
  status: GoalStatusSchema,
  /** Tokens, counted as `tokensUsed`; null: as many as it takes. */
  tokenBudget: z.nullable(z.number()),
  /** Tokens out, and tokens in that no cache held, of turns that worked towards it. */
  tokensUsed: z.number(),
  timeUsedSeconds: z.number(),
  /** Unix seconds, like `updatedAt`. */
  createdAt: z.number(),
  updatedAt: z.number(),
  /** Ours: why it stands as it does, where somebody said so. */
  reason: z.optional(z.nullable(z.string())),
});
export type ThreadGoal = z.infer<typeof ThreadGoalSchema>;

/** Characters of an objective at most: it is part of every context while it is active. */
export const MOST_OBJECTIVE_CHARACTERS = 4000;
