import * as z from "zod/mini";
import { maybe } from "./field.ts";
import { WireUserInputSchema } from "./item.ts";
import { later } from "./later.ts";
import { TurnLimitsSchema, turnOverrides } from "./settings.ts";
import { WireTurnSchema } from "./thread.ts";

export const TurnStartParamsSchema = later(() =>
  z.object({
    ...turnOverrides,
    threadId: z.string(),
    clientUserMessageId: maybe(z.string()),
    input: z.array(WireUserInputSchema),
    /** A JSON schema that the final message must follow. */
    outputSchema: maybe(z.record(z.string(), z.unknown())),
    limits: maybe(TurnLimitsSchema),
  }),
);
export type TurnStartParams = z.infer<typeof TurnStartParamsSchema>;
export const TurnStartResponseSchema = later(() => z.object({ turn: WireTurnSchema }));

export const TurnSteerParamsSchema = later(() =>
  z.object({
    threadId: z.string(),
    clientUserMessageId: maybe(z.string()),
    input: z.array(WireUserInputSchema),
    /** The turn that must be running for this to be accepted. */
    expectedTurnId: z.string(),
  }),
);
export const TurnSteerResponseSchema = later(() => z.object({ turnId: z.string() }));

/** The user's own command: with the user's rights, outside of every sandbox; the model learns of it in its next turn. */
export const ThreadShellCommandParamsSchema = later(() =>
  z.object({
    threadId: z.string(),
    /** For the thread's shell. */
    command: z.string().check(z.minLength(1)),
    /** Milliseconds; one hour where it is left out. */
    timeoutMs: maybe(z.number().check(z.nonnegative())),
  }),
);

/** Items of the Responses API that join what the model sees. */
export const ThreadInjectItemsParamsSchema = later(() =>
  z.object({ threadId: z.string(), items: z.array(z.unknown()).check(z.minLength(1), z.maxLength(1000)) }),
);

/** What a review looks at. `custom` looks at the uncommitted changes, if there are any, with the words as the task. */
export const ReviewTargetSchema = later(() =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("uncommittedChanges") }),
    z.object({ type: z.literal("baseBranch"), branch: z.string() }),
    z.object({ type: z.literal("commit"), sha: z.string(), title: maybe(z.string()) }),
    z.object({ type: z.literal("custom"), instructions: z.string() }),
  ]),
);
export type ReviewTarget = z.infer<typeof ReviewTargetSchema>;
export const ReviewStartParamsSchema = later(() =>
  z.object({
    threadId: z.string(),
    target: ReviewTargetSchema,
    /** `detached` reviews in a new thread, which `reviewThreadId` names. */
    delivery: maybe(z.enum(["inline", "detached"])),
    /** Ours: what the reviewer is to see beside the changes, such as images. */
    input: maybe(z.array(WireUserInputSchema)),
    limits: maybe(TurnLimitsSchema),
  }),
);
export type ReviewStartParams = z.infer<typeof ReviewStartParamsSchema>;
export const ReviewStartResponseSchema = later(() =>
  z.object({ turn: WireTurnSchema, reviewThreadId: z.string() }),
);

export const TurnInterruptParamsSchema = later(() => z.object({ threadId: z.string(), turnId: z.string() }));
