import type { ErrorCode } from "@quire/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_RETRY_LIMITS } from "../endpoint.ts";
import type { Failure } from "./ending.ts";
import { planRetry, retryAfterMs } from "./retry-plan.ts";

function failure(code: ErrorCode, changes: Partial<Failure> = {}): Failure {
  return {
    error: { code, message: "x", retryable: true },
    retry: true,
    retryAfterMs: null,
    stage: "request",
    ...changes,
  };
}
const fresh = { retries: 0, waitedMs: 0 };
const middle = () => 0.5;

test("waits double, and start higher where the endpoint is busy", () => {
  const delays = (code: ErrorCode) =>
    [0, 1, 2, 3].map(
      (retries) => planRetry(failure(code), { retries, waitedMs: 0 }, DEFAULT_RETRY_LIMITS, middle)?.delayMs,
    );
  expect(delays("model_server_error")).toEqual([200, 400, 800, 1_600]);
  expect(delays("model_overloaded")).toEqual([1_000, 2_000, 4_000, 8_000]);
});

test("each stage has its limit, both on one counter", () => {
  const at = (stage: Failure["stage"], retries: number) =>
    planRetry(failure("model_stream_cut", { stage }), { retries, waitedMs: 0 }, DEFAULT_RETRY_LIMITS, middle);
  expect(at("request", 3)).toEqual({ attempt: 4, maxAttempts: 4, delayMs: 1_600 });
  expect(at("request", 4)).toBeNull();
  expect(at("stream", 4)).toEqual({ attempt: 5, maxAttempts: 5, delayMs: 3_200 });
  expect(at("stream", 5)).toBeNull();
});

test("what the endpoint asks for is obeyed, and given up at once when it is more than the call may wait", () => {
  const asked = (retryAfterMs: number, waitedMs = 0) =>
    planRetry(
      failure("model_rate_limited", { retryAfterMs }),
      { retries: 1, waitedMs },
      DEFAULT_RETRY_LIMITS,
      () => 0,
    );
  expect(asked(7_000)?.delayMs).toBe(7_000);
  expect(asked(300_000)?.delayMs).toBe(300_000);
  expect(asked(300_001)).toBeNull();
  expect(asked(200_000, 150_000)).toBeNull();
});

test("a failure for good is not retried", () => {
  expect(
    planRetry(failure("model_bad_request", { retry: false }), fresh, DEFAULT_RETRY_LIMITS, middle),
  ).toBeNull();
});

test("chance never brings a retry before the time that was asked for, nor far beyond it", () => {
  fc.assert(
    fc.property(fc.nat(200_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (asked, chance) => {
      const plan = planRetry(
        failure("model_rate_limited", { retryAfterMs: asked }),
        fresh,
        DEFAULT_RETRY_LIMITS,
        () => chance,
      );
      expect(plan?.delayMs).toBeGreaterThanOrEqual(asked);
      expect(plan?.delayMs).toBeLessThanOrEqual(asked + 1_000);
    }),
  );
});

const headers: readonly (readonly [Record<string, string>, number | null])[] = [
  [{ "retry-after": "2" }, 2_000],
  [{ "retry-after": "0.5" }, 500],
  [{ "retry-after": "0" }, 0],
  [{ "retry-after-ms": "1500", "retry-after": "9" }, 1_500],
  [{ "retry-after": "Thu, 01 Jan 1970 00:00:10 GMT" }, 9_000],
  [{ "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }, 0],
  [{ "retry-after": "-3" }, null],
  [{ "retry-after": "soon" }, null],
  [{}, null],
];
test.each(headers)("%j asks for %j ms", (given, expected) => {
  expect(retryAfterMs(given, 1_000)).toBe(expected);
});
