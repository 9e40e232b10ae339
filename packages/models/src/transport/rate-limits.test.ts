import { expect, test } from "vitest";
import { rateLimitsOf } from "./rate-limits.ts";

const NOW = 1_700_000_000_000;

test("limits are read in the words of OpenAI", () => {
  const headers = {
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-reset-requests": "120ms",
    "x-ratelimit-limit-tokens": "30000",
    "x-ratelimit-remaining-tokens": "29000",
    "x-ratelimit-reset-tokens": "6m1.5s",
    "x-request-id": "7",
  };
  expect(rateLimitsOf(headers, NOW)).toEqual([
    { name: "requests", limit: 500, remaining: 499, usedPercent: null, resetAt: 1_700_000_001 },
    { name: "tokens", limit: 30_000, remaining: 29_000, usedPercent: null, resetAt: 1_700_000_362 },
  ]);
});

test("limits are read in the words of Anthropic, and shares of a plan", () => {
  const headers = {
    "anthropic-ratelimit-input-tokens-limit": "1000",
    "anthropic-ratelimit-input-tokens-remaining": "10",
    "anthropic-ratelimit-input-tokens-reset": "2023-11-14T22:13:30Z",
    "x-codex-primary-used-percent": "42.5",
    "x-codex-primary-reset-after-seconds": "60",
  };
  expect(rateLimitsOf(headers, NOW)).toEqual([
    { name: "input-tokens", limit: 1_000, remaining: 10, usedPercent: null, resetAt: 1_700_000_010 },
    { name: "primary", limit: null, remaining: null, usedPercent: 42.5, resetAt: 1_700_000_060 },
  ]);
});

test.each([{}, { "x-ratelimit-remaining": "5" }, { "content-type": "text/plain" }])(
  "%o tells nothing",
  (headers) => {
    expect(rateLimitsOf(headers, NOW)).toEqual([]);
  },
);

test("what cannot be read is not told", () => {
  const headers = { "x-ratelimit-reset-tokens": "soon", "x-ratelimit-limit-tokens": "-1" };
  expect(rateLimitsOf(headers, NOW)).toEqual([
    { name: "tokens", limit: null, remaining: null, usedPercent: null, resetAt: null },
  ]);
});
