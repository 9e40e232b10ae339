import * as z from "zod/mini";
import { count, positive, text } from "./values.ts";

const money = z.optional(z.number().check(z.gt(0)));
const span = { max_cost: money, max_tokens: positive };

/** What may be spent, and in which unit it is shown. */
export const budgetKeys = {
  budget: z.optional(
    z.object({
      turn: z.optional(z.object({ ...span, max_calls: positive })),
      thread: z.optional(z.object(span)),
      day: z.optional(z.object(span)),
      month: z.optional(z.object(span)),
      user: z.optional(z.object(span)),
      retries_per_turn: count,
      credits: z.optional(z.object({ name: text, per_usd: money })),
    }),
  ),
};
