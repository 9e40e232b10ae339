import type { IncomingHttpHeaders } from "node:http";
import type { RetryLimits } from "../endpoint.ts";
import type { Failure } from "./ending.ts";

const FIRST_DELAY_MS = 200;
const FIRST_DELAY_BUSY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

export interface Retry {
  /** 1 for the first retry of a call. */
  attempt: number;
  maxAttempts: number;
  delayMs: number;
}

/** Whether and when a failed call is tried again. `retries` and `waitedMs` count what the call has already spent. */
export function planRetry(
  failure: Failure,
  spent: { retries: number; waitedMs: number },
  limits: RetryLimits,
  random: () => number,
): Retry | null {
  const maxAttempts = limits[failure.stage];
  if (!failure.retry || spent.retries >= maxAttempts) return null;
  const delayMs = Math.round(delayOf(failure, spent.retries, random));
  if (spent.waitedMs + delayMs > limits.maxWaitMs) return null;
  return { attempt: spent.retries + 1, maxAttempts, delayMs };
}

/** Never earlier than the endpoint asked for; many clients must not come back in the same moment. */
function delayOf(failure: Failure, retries: number, random: () => number): number {
  if (failure.retryAfterMs !== null) {
    return failure.retryAfterMs + random() * Math.min(1_000, failure.retryAfterMs * 0.1);
  }
  const { code } = failure.error;
  // What fails inside a stream had been let in: the endpoint is not so busy that it turns requests away.
  const busy = failure.stage === "request" && (code === "model_rate_limited" || code === "model_overloaded");
  const base = (busy ? FIRST_DELAY_BUSY_MS : FIRST_DELAY_MS) * 2 ** retries;
  return Math.min(base, LONGEST_DELAY_MS) * (0.75 + random() * 0.5);
}

/** `retry-after-ms`, or `retry-after` as seconds or as a date. Null when absent or unreadable; never negative. */
export function retryAfterMs(headers: IncomingHttpHeaders, nowMs: number): number | null {
  const exact = readNumber(headers["retry-after-ms"]);
  if (exact !== null) return exact;
  const value = headers["retry-after"];
  const seconds = readNumber(value);
  if (seconds !== null) return seconds * 1_000;
  // Date.parse also makes dates out of words and numbers that are none.
  if (value === undefined || !/^[A-Z][a-z]{2,8},? \d/.test(value)) return null;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

function readNumber(value: string | string[] | undefined): number | null {
  if (typeof value !== "string" || !/^\s*\d+(\.\d+)?\s*$/.test(value)) return null;
  return Number(value);
}
