import * as z from "zod/mini";
import { maybe } from "./field.ts";
import { WireUserInputSchema } from "./item.ts";
import { turnOverrides } from "./settings.ts";
import { WireTurnSchema } from "./thread.ts";

export const TurnStartParamsSchema = z.object({
  ...turnOverrides,
  threadId: z.string(),
  clientUserMessageId: maybe(z.string()),
  input: z.array(WireUserInputSchema),
  /** A JSON schema that the final message must follow. */
  outputSchema: maybe(z.record(z.string(), z.unknown())),
});
export type TurnStartParams = z.infer<typeof TurnStartParamsSchema>;
export const TurnStartResponseSchema = z.object({ turn: WireTurnSchema });

export const TurnSteerParamsSchema = z.object({
  threadId: z.string(),
  clientUserMessageId: maybe(z.string()),
  input: z.array(WireUserInputSchema),
  /** The turn that must be running for this to be accepted. */
  expectedTurnId: z.string(),
});
export const TurnSteerResponseSchema = z.object({ turnId: z.string() });

export const TurnInterruptParamsSchema = z.object({ threadId: z.string(), turnId: z.string() });
