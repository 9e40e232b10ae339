import * as z from "zod/mini";
import { GoalStatusSchema, MOST_OBJECTIVE_CHARACTERS, ThreadGoalSchema } from "../goal.ts";
import { maybe } from "./field.ts";
import { later } from "./later.ts";

const threadId = z.string();
/** Who did it; of no consequence here. */
const origin = maybe(z.enum(["user", "automatic"]));

/**
 * Sets what is given and leaves the rest. An objective without a status begins anew: active, nothing used. An active goal
 * of an idle thread begins a turn by itself.
 */
export const ThreadGoalSetParamsSchema = later(() =>
  z.object({
    threadId,
    origin,
    objective: maybe(z.string().check(z.trim(), z.minLength(1), z.maxLength(MOST_OBJECTIVE_CHARACTERS))),
    status: maybe(GoalStatusSchema),
    /** Tokens; at most `[goals] max_goal_token_budget`. */
    tokenBudget: maybe(z.number().check(z.positive())),
    /** Ours: false begins no turn; the next `turn/start` works towards it, and turns follow that one. */
    start: maybe(z.boolean()),
  }),
);
export type ThreadGoalSetParams = z.infer<typeof ThreadGoalSetParamsSchema>;
export const ThreadGoalSetResponseSchema = later(() => z.object({ goal: ThreadGoalSchema }));
export const ThreadGoalGetResponseSchema = later(() => z.object({ goal: z.nullable(ThreadGoalSchema) }));
export const ThreadGoalClearParamsSchema = later(() => z.object({ threadId, origin }));
/** `cleared` is false when there was none. */
export const ThreadGoalClearResponseSchema = later(() => z.object({ cleared: z.boolean() }));
