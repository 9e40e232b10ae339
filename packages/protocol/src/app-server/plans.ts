import * as z from "zod/mini";
import { ModeKindSchema } from "../settings.ts";
import { maybe } from "./field.ts";
import { later } from "./later.ts";
import { TurnLimitsSchema } from "./settings.ts";

export const CollaborationModeListParamsSchema = later(() => z.object({ cwd: maybe(z.string()) }));
export const CollaborationModeListResponseSchema = later(() =>
  z.object({
    data: z.array(
      z.object({
        name: z.string(),
        mode: z.nullable(ModeKindSchema),
        model: z.nullable(z.string()),
        /** Null: the thread's own. */
        reasoning_effort: z.nullable(z.string()),
      }),
    ),
  }),
);

/** Ours: the plan that was proposed last, and whether it was approved. Null: the thread has none. */
export const ThreadPlanReadResponseSchema = later(() =>
  z.object({ plan: z.nullable(z.object({ itemId: z.string(), text: z.string(), approved: z.boolean() })) }),
);

/**
 * Ours: the person approves the plan. The thread changes to the default mode, with the rights it had before plan mode, and
 * a turn begins that builds it. Fails with `usage_invalid` when there is no plan, or it is not the one that was read.
 */
export const ThreadPlanApproveParamsSchema = later(() =>
  z.object({
    threadId: z.string(),
    /** The plan that the person has seen; the last one where it is left out. */
    itemId: maybe(z.string()),
    /** What the person adds to it. */
    message: maybe(z.string()),
    limits: maybe(TurnLimitsSchema),
  }),
);

/** Puts a plan that was approved elsewhere into the context of a thread, before its next turn. */
export const ThreadPrepareApprovedPlanParamsSchema = later(() =>
  z.object({
    threadId: z.string(),
    markdown: z.string(),
    /** A copy of the plan, absolute. Not read: the plan itself is given. */
    attachmentPath: maybe(z.string()),
  }),
);
/** What to begin the turn with. */
export const ThreadPrepareApprovedPlanResponseSchema = later(() => z.object({ prompt: z.string() }));
