import { CodedError } from "@quire/protocol";

/** The limits of a run as typed; null where none was given. */
export interface RunLimits {
  maxModelCalls: number | null;
  maxTokens: number | null;
  maxCostUsd: number | null;
  timeoutMs: number | null;
}

interface LimitWords {
  "max-turns"?: string | undefined;
  "max-tokens"?: string | undefined;
  "max-cost"?: string | undefined;
  timeout?: string | undefined;
}

/** Reads the limits. Fails with `usage_invalid`, naming the flag. */
export function parseLimits(words: LimitWords): RunLimits {
  return {
    maxModelCalls: wholeNumber("max-turns", words["max-turns"]),
    maxTokens: wholeNumber("max-tokens", words["max-tokens"]),
    maxCostUsd: dollars(words["max-cost"]),
    timeoutMs: words.timeout === undefined ? null : duration(words.timeout),
  };
}

export function parseGoalBudget(word: string | undefined): number | null {
  return wholeNumber("goal-budget", word);
}

function wholeNumber(flag: string, word: string | undefined): number | null {
  if (word === undefined) return null;
  const value = Number(word.replaceAll("_", ""));
  if (/^[\d_]+$/.test(word) && Number.isSafeInteger(value) && value > 0) return value;
  throw wrong(flag, word, "a whole number above 0");
}

function dollars(word: string | undefined): number | null {
  if (word === undefined) return null;
  const value = Number(word.replace(/^\$/, ""));
  if (/^\$?\d*\.?\d+$/.test(word) && value > 0) return value;
  throw wrong("max-cost", word, "US dollars, such as 0.50");
}

const UNIT_MS: Readonly<Record<string, number>> = { "": 1000, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** The longest time a timer takes. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

function duration(word: string): number {
  const [, amount, unit = ""] = word.match(/^(\d+(?:\.\d+)?)(ms|s|m|h)?$/) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
  if (ms >= 1 && ms <= MAX_TIMEOUT_MS) return ms;
  throw wrong("timeout", word, "a duration such as 90, 90s, 10m or 2h");
}

function wrong(flag: string, word: string, wanted: string): CodedError {
  return new CodedError("usage_invalid", `--${flag} ${JSON.stringify(word)} is not ${wanted}`, {
    nextStep: "See: quire exec --help",
  });
}
