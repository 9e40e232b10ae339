import * as z from "zod/mini";

/** One limit as it stands: how much is allowed, what is spent of it, and what calls in progress may still take. */
export const BudgetStateSchema = z.object({
  /** Whose: this turn's, this thread's, or that of all threads and processes of the home in this day or month, or ever. */
  scope: z.enum(["turn", "thread", "day", "month", "user"]),
  /** US dollars, tokens in and out together, or calls to the model. */
  unit: z.enum(["usd", "tokens", "calls"]),
  limit: z.number(),
  /** Null: a part of it has an unknown cost without a bound. */
  spent: z.nullable(z.number()),
  reserved: z.number(),
});
export type BudgetState = z.infer<typeof BudgetStateSchema>;
