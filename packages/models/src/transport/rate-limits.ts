import type { IncomingHttpHeaders } from "node:http";
import type { RateLimit } from "@quire/protocol";

const OPENAI = /^x-ratelimit-(limit|remaining|reset)-([\w-]+)$/;
const ANTHROPIC = /^anthropic-ratelimit-([\w-]+)-(limit|remaining|reset)$/;
const PLAN = /^x-codex-(primary|secondary)-(used-percent|reset-at|reset-after-seconds)$/;

/** The limits in an answer's headers, in the words of OpenAI, Anthropic and those who follow either. */
export function rateLimitsOf(headers: IncomingHttpHeaders, nowMs: number): RateLimit[] {
  const limits = new Map<string, RateLimit>();
  for (const [header, value] of Object.entries(headers)) {
    if (typeof value !== "string") continue;
    const [, field = "", name = ""] =
      OPENAI.exec(header) ?? swapped(ANTHROPIC.exec(header)) ?? swapped(PLAN.exec(header)) ?? [];
    if (name === "") continue;
    const limit = limits.get(name) ?? {
      name,
      limit: null,
      remaining: null,
      usedPercent: null,
      resetAt: null,
    };
    limits.set(name, limit);
    take(limit, field, value, nowMs);
  }
  return [...limits.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function swapped(match: RegExpExecArray | null): readonly (string | undefined)[] | null {
  return match === null ? null : [match[0], match[2], match[1]];
}

function take(limit: RateLimit, field: string, value: string, nowMs: number): void {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : null;
  if (field === "limit") limit.limit = number;
  else if (field === "remaining") limit.remaining = number;
  else if (field === "used-percent") limit.usedPercent = number;
  else if (field === "reset-at") limit.resetAt = number;
  else limit.resetAt = resetAt(value, nowMs);
}

/** A date, seconds, or a duration such as "6m0s" and "120ms". */
function resetAt(value: string, nowMs: number): number | null {
  if (/^\d{4}-\d\d-\d\dT/.test(value)) {
    const date = Date.parse(value);
    return Number.isNaN(date) ? null : Math.ceil(date / 1_000);
  }
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : durationSeconds(value);
  return seconds === null ? null : Math.ceil(nowMs / 1_000 + seconds);
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 };

function durationSeconds(text: string): number | null {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return null;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    sum += Number(count) * (UNITS[unit ?? ""] ?? 0);
  }
  return sum;
}
