import * as z from "zod/mini";
import { ErrorInfoSchema } from "./errors.ts";
import { CostSchema, TokenUsageSchema } from "./usage.ts";

export const CollabAgentStatusSchema = z.enum([
  "pendingInit",
  "running",
  "interrupted",
  "completed",
  "errored",
  "shutdown",
  "notFound",
]);
/**
 * Where an agent stands, in Codex's words: `pendingInit` waits in the queue, `shutdown` is over and cannot be taken up
 * again, `notFound` is an agent that was asked about and does not exist.
 */
export type CollabAgentStatus = z.infer<typeof CollabAgentStatusSchema>;

/** Where an agent stands, by its thread. `message` is its answer or what went wrong, cut. The rest is ours. */
export const CollabAgentStateSchema = z.object({
  status: CollabAgentStatusSchema,
  message: z.nullable(z.string()),
  /** Such as `/root/map_the_tests`. */
  path: z.optional(z.string()),
  role: z.optional(z.string()),
  error: z.optional(z.nullable(ErrorInfoSchema)),
  /** Of all its turns so far, with those of its own agents. */
  usage: z.optional(TokenUsageSchema),
  cost: z.optional(z.nullable(CostSchema)),
});
export type CollabAgentState = z.infer<typeof CollabAgentStateSchema>;
