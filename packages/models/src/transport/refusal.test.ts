import { expect, test } from "vitest";
import type { CallFacts } from "./refusal.ts";
import { httpRefusal } from "./server-error.ts";

const FACTS: CallFacts = {
  url: "https://models.example/v1/responses",
  model: "gpt-x",
  auth: { kind: "bearer", token: "sk-secret-token", source: "the environment variable OPENAI_API_KEY" },
  nowMs: 1_000_000,
};

function refusal(status: number, body: string | object, headers: Record<string, string> = {}, facts = FACTS) {
  return httpRefusal(status, headers, typeof body === "string" ? body : JSON.stringify(body), facts);
}

test("a bad request carries the server's own message, its code and its request id", () => {
  const body = {
    error: { message: "Unknown parameter: 'foo'.", type: "invalid_request_error", code: "unknown" },
  };
  expect(refusal(400, body, { "x-request-id": "req_1" })).toEqual({
    retry: false,
    retryAfterMs: null,
    stage: "request",
    error: {
      code: "model_bad_request",
      message: "The model endpoint answered 400: Unknown parameter: 'foo'.",
      retryable: false,
      http_status: 400,
      next_step: "The request itself was refused; the server's message says which part.",
      details:
        "POST https://models.example/v1/responses\nrequest id: req_1\nserver code: unknown, invalid_request_error\nserver message: Unknown parameter: 'foo'.",
    },
  });
});

const cases: readonly (readonly [string, number, string | object, string, boolean])[] = [
  ["an unknown model", 404, { error: { code: "model_not_found", message: "no" } }, "model_not_found", false],
  ["an unknown model in words", 404, { error: { message: "model 'x' not found" } }, "model_not_found", false],
  [
    "an unknown model as 400",
    400,
    { error: { code: "model_not_found", message: "no" } },
    "model_not_found",
    false,
  ],
  ["a route that does not exist", 404, "Not Found", "model_bad_request", false],
  ["a redirect", 302, "", "model_bad_request", false],
  [
    "a long context by code",
    400,
    { error: { code: "context_length_exceeded", message: "" } },
    "context_too_long",
    false,
  ],
  [
    "a long context in words",
    400,
    { error: { message: "maximum context length is 9" } },
    "context_too_long",
    false,
  ],
  ["a body that is too large", 413, "request too large", "context_too_long", false],
  ["a wrong key", 401, { error: { message: "bad key" } }, "model_unauthorized", false],
  ["a forbidden region", 403, { detail: "unsupported region" }, "model_unauthorized", false],
  ["no money", 402, "", "model_usage_limit", false],
  ["a rate limit", 429, { error: { type: "requests", message: "slow" } }, "model_rate_limited", true],
  [
    "a used-up quota",
    429,
    { error: { code: "insufficient_quota", message: "pay" } },
    "model_usage_limit",
    false,
  ],
  ["a time-out of a proxy", 408, "", "model_server_error", true],
  ["500", 500, { error: { type: "server_error", message: "" } }, "model_server_error", true],
  [
    "a gateway's page",
    502,
    "<html><style>a{}</style><h1>Bad gateway</h1></html>",
    "model_server_error",
    true,
  ],
  ["503", 503, "", "model_overloaded", true],
  [
    "529",
    529,
    { type: "error", error: { type: "overloaded_error", message: "x" } },
    "model_overloaded",
    true,
  ],
  ["a flagged prompt", 400, { error: { code: "invalid_prompt", message: "x" } }, "model_refused", false],
];
test.each(cases)("%s", (_name, status, body, code, retry) => {
  expect(refusal(status, body)).toMatchObject({ retry, error: { code, http_status: status } });
});

test("a usage limit is final and says when it is lifted", () => {
  const body = { error: { type: "usage_limit_reached", message: "limit", resets_at: 4_711 } };
  expect(refusal(429, body)).toMatchObject({
    retry: false,
    error: { code: "model_usage_limit", reset_at: 4_711 },
  });
  const inSeconds = { error: { type: "usage_limit_reached", message: "limit", resets_in_seconds: 60 } };
  expect(refusal(429, inSeconds).error.reset_at).toBe(1_060);
  const byHeader = { error: { type: "usage_limit_reached", message: "limit" } };
  expect(refusal(429, byHeader, { "retry-after": "30" }).error.reset_at).toBe(1_030);
});

test("the server's advice on retrying wins over ours, both ways", () => {
  expect(refusal(500, "", { "x-should-retry": "false" })).toMatchObject({ retry: false });
  expect(refusal(400, "", { "x-should-retry": "true" })).toMatchObject({ retry: true });
});

test("the next step of a wrong key says where the key came from, or how to give one", () => {
  expect(refusal(401, "").error.next_step).toBe(
    "The key came from the environment variable OPENAI_API_KEY. Check that it is valid for https://models.example/v1/responses.",
  );
  expect(refusal(401, "", {}, { ...FACTS, auth: { kind: "none" } }).error.next_step).toContain("env_key");
  expect(refusal(401, "", {}, { ...FACTS, auth: { kind: "none", hint: "Set X." } }).error.next_step).toBe(
    "Set X.",
  );
});

test("a page is shown as its words", () => {
  expect(refusal(502, "<html><style>a{}</style><h1>Bad\n gateway</h1></html>").error.message).toBe(
    "The model endpoint answered 502: Bad gateway",
  );
});

test("long messages are cut", () => {
  const { error } = refusal(400, { error: { message: "x".repeat(100_000) } });
  expect(error.message.length).toBeLessThan(1_100);
  expect(error.details?.length).toBeLessThan(4_200);
});

test("a redirect says where it points, and is not followed", () => {
  expect(refusal(307, "", { location: "https://elsewhere.example/v1/responses" }).error).toMatchObject({
    code: "model_bad_request",
    message:
      "The model endpoint answered 307: no message; it points to https://elsewhere.example/v1/responses, which is not followed",
    next_step: "If you trust that address, make it the base_url.",
  });
});
