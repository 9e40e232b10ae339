import type { Cost, ERROR_CODES, TokenUsage } from "@quire/protocol";
import * as z from "zod/mini";

/** What a request was made for. `eval`: by `quire eval`, or by an agent that it watches. `sampling`: for an MCP server. */
export const PURPOSES = [
  "turn",
  "compaction",
  "review",
  "memory",
  "gateway",
  "eval",
  "probe",
  "sampling",
] as const;
export type Purpose = (typeof PURPOSES)[number];

const count = z.number().check(z.nonnegative());

const UsageSchema = z.object({
  in: count,
  cached: count,
  written: count,
  out: count,
  reasoning: count,
});

/** US dollars for 1,000,000 tokens; null is a price that no source gives. */
const PriceSchema = z.object({
  in: z.nullable(z.number()),
  cached: z.nullable(z.number()),
  written: z.nullable(z.number()),
  out: z.nullable(z.number()),
  as_of: z.string(),
  source: z.string(),
});

/**
 * One line of the ledger: one request to a model, whether it was answered or not. Short names, because there are many
 * lines. A new field is optional; a reader passes over fields it does not know.
 */
export const LedgerEntrySchema = z.object({
  v: z.literal(1),
  /** Unlike any other line's: the turn's id and the number of the request in it. */
  id: z.string(),
  /** When the request ended; ISO 8601 in UTC. */
  at: z.string(),
  thread: z.string(),
  turn: z.string(),
  /** Absolute path of the project's root. */
  project: z.string(),
  provider: z.string(),
  model: z.string(),
  effort: z.optional(z.nullable(z.string())),
  /** A word of `PURPOSES`; another version may know more. */
  purpose: z.string(),
  /** The name or role of the agent that asked; "main" is the user's own thread, "review" a reviewer. */
  agent: z.string(),
  /** The tool whose output the request answers; null when it answers a person. */
  tool: z.nullable(z.string()),
  /** 1 for a first attempt. */
  attempt: count,
  /** The error code of a request that failed. */
  failed: z.nullable(z.string()),
  /** Null: the endpoint gave no counts. */
  usage: z.nullable(UsageSchema),
  price: z.nullable(PriceSchema),
  /** Null: refused before anything was worked on, so there is nothing to pay. */
  cost: z.nullable(z.union([z.object({ usd: z.number() }), z.object({ unknown: z.string() })])),
  /** What was expected before the call; `usd` counts the input alone, because nobody knows how long an answer will be. */
  estimate: z.optional(z.object({ in: count, cached: count, usd: z.nullable(z.number()) })),
  /** US dollars that the request cannot have exceeded, where its cost is unknown and a bound is not. Budgets count it. */
  at_most: z.optional(z.number()),
});
export type LedgerEntry = z.infer<typeof LedgerEntrySchema>;
export type LedgerUsage = z.infer<typeof UsageSchema>;
export type LedgerPrice = z.infer<typeof PriceSchema>;

/** The counts of an endpoint in the ledger's words. */
export function ledgerUsage(usage: TokenUsage): LedgerUsage {
  return {
    in: usage.input_tokens,
    cached: usage.cached_input_tokens,
    written: usage.cache_write_input_tokens,
    out: usage.output_tokens,
    reasoning: usage.reasoning_output_tokens,
  };
}

/** Money in the ledger's words. */
export function ledgerCost(cost: Cost): NonNullable<LedgerEntry["cost"]> {
  return cost.kind === "known" ? { usd: cost.usd } : { unknown: cost.reason };
}

const REFUSALS: ReadonlySet<string> = new Set([
  "model_unreachable",
  "model_not_found",
  "model_bad_request",
  "model_unauthorized",
  "model_rate_limited",
  "model_usage_limit",
  "model_overloaded",
  "context_too_long",
] satisfies (typeof ERROR_CODES)[number][]);

/**
 * Whether a failed request was turned away before a model worked on it. Such a request costs nothing; one that broke off
 * later costs an amount that nobody told us.
 */
export function wasRefused(error: { code: string; http_status?: number | undefined }): boolean {
  return REFUSALS.has(error.code) || (error.http_status ?? 0) >= 400;
}

/** The entry of a line; null for a line that is torn, foreign or of another version. */
export function parseEntry(line: string): LedgerEntry | null {
  try {
    const parsed = LedgerEntrySchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    // Cut by a crash, or no line of ours.
    return null;
  }
}

/** The line of an entry, without its end. Its fields stand in the order that `known-line.ts` reads quickly. */
export function lineOf(entry: LedgerEntry): string {
  const { v, id, at, thread, turn, project, provider, model, purpose, agent, tool, attempt, failed } = entry;
  const { effort, usage, price, cost, at_most, estimate } = entry;
  // What is undefined is left out.
  return JSON.stringify({
    v,
    id,
    at,
    thread,
    turn,
    project,
    provider,
    model,
    effort,
    purpose,
    agent,
    tool,
    attempt,
    failed,
    usage: usage && {
      in: usage.in,
      cached: usage.cached,
      written: usage.written,
      out: usage.out,
      reasoning: usage.reasoning,
    },
    price: price && {
      in: price.in,
      cached: price.cached,
      written: price.written,
      out: price.out,
      as_of: price.as_of,
      source: price.source,
    },
    cost,
    at_most,
    estimate: estimate && { in: estimate.in, cached: estimate.cached, usd: estimate.usd },
  });
}
