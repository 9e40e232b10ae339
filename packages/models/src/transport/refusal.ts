import type { IncomingHttpHeaders } from "node:http";
import type { ErrorCode, ErrorInfo } from "@quire/protocol";
import type { EndpointAuth } from "../endpoint.ts";
import type { Failure } from "./ending.ts";
import { retryAfterMs } from "./retry-plan.ts";

/** What an endpoint said about an error, in whichever shape its wire API says it. */
export interface ServerError {
  /** Machine-readable words: its code, its type, or both. */
  codes: readonly string[];
  message: string;
  /** Unix seconds at which a limit is lifted. */
  resetAt: number | null;
}

/** What the words of an error need to know about the call. */
export interface CallFacts {
  url: string;
  model: string;
  auth: EndpointAuth;
  nowMs: number;
}

export interface Refusal {
  /** Null for an error that came inside a stream. */
  status: number | null;
  headers: IncomingHttpHeaders;
  error: ServerError;
}

const MAX_MESSAGE = 1_000;
const MAX_DETAILS = 4_000;

const CODES: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ["context_length_exceeded", "context_too_long"],
  ["string_above_max_length", "context_too_long"],
  ["usage_limit_reached", "model_usage_limit"],
  ["usage_not_included", "model_usage_limit"],
  ["insufficient_quota", "model_usage_limit"],
  ["billing_hard_limit_reached", "model_usage_limit"],
  ["billing_not_active", "model_usage_limit"],
  ["invalid_api_key", "model_unauthorized"],
  ["authentication_error", "model_unauthorized"],
  ["permission_error", "model_unauthorized"],
  ["billing_error", "model_usage_limit"],
  ["request_too_large", "context_too_long"],
  ["exceed_context_size_error", "context_too_long"],
  ["model_not_found", "model_not_found"],
  ["not_found_error", "model_not_found"],
  ["invalid_prompt", "model_refused"],
  ["content_policy_violation", "model_refused"],
  ["cyber_policy_violation", "model_refused"],
  ["rate_limit_exceeded", "model_rate_limited"],
  ["rate_limit_error", "model_rate_limited"],
  ["tokens", "model_rate_limited"],
  ["overloaded_error", "model_overloaded"],
  ["server_is_overloaded", "model_overloaded"],
  ["slow_down", "model_overloaded"],
  ["server_error", "model_server_error"],
  ["api_error", "model_server_error"],
]);

const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "model_rate_limited",
  "model_overloaded",
  "model_server_error",
]);

const TOO_LONG =
  /maximum context length|context (window|length|limit)|context size|prompt is too long|too many (input )?tokens/i;

/** An error that the endpoint reported, as a typed failure with its own message and a next step. */
export function refusalFailure(refusal: Refusal, facts: CallFacts): Failure {
  const { status, headers, error } = refusal;
  const code = codeOf(status, error);
  const wait = retryAfterMs(headers, facts.nowMs) ?? waitInMessage(code, error.message);
  const advice = headers["x-should-retry"];
  const retry = advice === "true" ? true : advice === "false" ? false : RETRYABLE.has(code);
  const resetAt =
    error.resetAt ?? (limits(code) && wait !== null ? Math.ceil((facts.nowMs + wait) / 1_000) : null);
  const pointed = pointedTo(status, headers);
  const info: ErrorInfo = {
    code,
    message: messageOf(code, status, error, facts) + pointed,
    retryable: retry || code === "model_usage_limit",
    next_step:
      pointed === "" ? nextStepOf(code, status, facts) : "If you trust that address, make it the base_url.",
    ...(status === null ? {} : { http_status: status }),
    ...(resetAt === null ? {} : { reset_at: resetAt }),
    details: detailsOf(refusal, facts),
  };
  return {
    error: info,
    retry,
    retryAfterMs: retry ? wait : null,
    stage: status === null ? "stream" : "request",
  };
}

/** A redirect is never followed: the key and the conversation are for the address that the user wrote. */
function pointedTo(status: number | null, { location }: IncomingHttpHeaders): string {
  if (status === null || status < 300 || status > 399 || location === undefined) return "";
  return `; it points to ${cut(location, 200)}, which is not followed`;
}

const NO_MONEY = /credit balance is too low|insufficient (balance|credits|funds)/i;

function limits(code: ErrorCode): boolean {
  return code === "model_rate_limited" || code === "model_usage_limit" || code === "model_overloaded";
}

function codeOf(status: number | null, error: ServerError): ErrorCode {
  const known = error.codes.map((code) => CODES.get(code)).find((code) => code !== undefined);
  if (known !== undefined && known !== "model_server_error") return known;
  if (status === 413) return "context_too_long";
  if ((status === null || status === 400) && TOO_LONG.test(error.message)) return "context_too_long";
  if (NO_MONEY.test(error.message)) return "model_usage_limit";
  if (status === null) return known ?? "model_server_error";
  if (status === 401 || status === 403) return "model_unauthorized";
  if (status === 402) return "model_usage_limit";
  if (status === 404 && /model/i.test(error.message)) return "model_not_found";
  if (status === 429) return "model_rate_limited";
  if (status === 503 || status === 529) return "model_overloaded";
  if (status >= 500 || status === 408 || status === 409 || status === 425) return "model_server_error";
  return "model_bad_request";
}

/** Some endpoints give the time to wait only in words: "Please try again in 1.3s". */
function waitInMessage(code: ErrorCode, message: string): number | null {
  if (code !== "model_rate_limited") return null;
  const match = /try again in (\d+(?:\.\d+)?)\s*(ms|s|seconds?)\b/i.exec(message);
  if (match === null) return null;
  return Number(match[1]) * (match[2] === "ms" ? 1 : 1_000);
}

function messageOf(code: ErrorCode, status: number | null, error: ServerError, facts: CallFacts): string {
  const said = error.message === "" ? "no message" : cut(error.message, MAX_MESSAGE);
  if (code === "model_not_found") return `The endpoint does not know the model "${facts.model}": ${said}`;
  if (status === null) return `The model's stream disconnected before completion: ${said}`;
  return `The model endpoint answered ${status}: ${said}`;
}

function nextStepOf(code: ErrorCode, status: number | null, facts: CallFacts): string {
  switch (code) {
    case "model_unauthorized":
      return facts.auth.kind === "bearer"
        ? `The key came from ${facts.auth.source}. Check that it is valid for ${facts.url}.`
        : (facts.auth.hint ?? `No key was sent. Give this provider one (env_key) for ${facts.url}.`);
    case "model_not_found":
      return `Choose another model, or check that ${facts.url} offers "${facts.model}".`;
    case "context_too_long":
      return "Compact the thread or start a new one.";
    case "model_usage_limit":
      return "Wait until the limit is lifted, raise it with the provider, or use another provider.";
    case "model_rate_limited":
    case "model_overloaded":
    case "model_server_error":
      return "Try again later, or use another provider.";
    case "model_refused":
      return "Change the request; the provider declines this one.";
    default:
      return status === 404 || (status !== null && status < 400)
        ? `Check the provider's base_url: ${facts.url} is not a place where this API answers.`
        : "The request itself was refused; the server's message says which part.";
  }
}

function detailsOf(refusal: Refusal, facts: CallFacts): string {
  const requestId = refusal.headers["x-request-id"] ?? refusal.headers["request-id"];
  const lines = [
    `POST ${facts.url}`,
    ...(requestId === undefined ? [] : [`request id: ${String(requestId)}`]),
    ...(refusal.error.codes.length === 0
      ? []
      : [`server code: ${[...new Set(refusal.error.codes)].join(", ")}`]),
    `server message: ${cut(refusal.error.message, MAX_DETAILS)}`,
  ];
  return lines.join("\n");
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}…`;
}
