import type { ErrorInfo } from "@quire/protocol";

/** The error object of OpenAI's API. `type` says whose fault it is, `code` what it is, `param` where. */
export interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null };
}

export interface ApiErrorOptions {
  type?: string;
  param?: string | null;
  code?: string | null;
  /** Seconds until trying again makes sense; sent as `Retry-After`. */
  retryAfter?: number;
  /** Sent as `x-should-retry: false`, which OpenAI's clients obey. */
  final?: boolean;
  cause?: unknown;
}

/** A request that is answered with an error, in OpenAI's shape. */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  readonly retryAfter: number | null;
  readonly final: boolean;

  constructor(status: number, message: string, options: ApiErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ApiError";
    this.status = status;
    this.type = options.type ?? (status >= 500 ? "server_error" : "invalid_request_error");
    this.param = options.param ?? null;
    this.code = options.code ?? null;
    this.retryAfter = options.retryAfter ?? null;
    this.final = options.final ?? false;
  }

  body(): ErrorBody {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } };
  }
}

/** A parameter that is there and cannot be honoured. Nothing is ever silently left out. */
export function refusedParameter(param: string, why: string): ApiError {
  return new ApiError(400, why, { param, code: "unsupported_parameter" });
}

export function invalidValue(param: string, why: string, code = "invalid_value"): ApiError {
  return new ApiError(400, why, { param, code });
}

/** An error of a model endpoint as the gateway passes it on. `nowMs` turns a time of day into `Retry-After`. */
export function apiErrorOf(error: ErrorInfo, nowMs: number): ApiError {
  const { status, type, code, param, final } = wireForm(error);
  const retryAfter =
    error.reset_at === undefined ? undefined : Math.max(0, Math.ceil(error.reset_at - nowMs / 1000));
  return new ApiError(status, error.message, {
    code: code ?? error.code,
    ...(type === undefined ? {} : { type }),
    ...(param === undefined ? {} : { param }),
    ...(final === undefined ? {} : { final }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

interface WireForm {
  status: number;
  type?: string;
  code?: string;
  param?: string;
  final?: boolean;
}

function wireForm(error: ErrorInfo): WireForm {
  switch (error.code) {
    case "model_bad_request":
    case "model_refused":
      return { status: clientStatus(error.http_status) };
    case "context_too_long":
      return { status: 400, code: "context_length_exceeded", param: "input" };
    case "model_not_found":
      return { status: 404, code: "model_not_found", param: "model" };
    case "model_rate_limited":
      return { status: 429, type: "rate_limit_error", code: "rate_limit_exceeded" };
    case "model_usage_limit":
      return { status: 429, type: "insufficient_quota", code: "insufficient_quota", final: true };
    case "model_overloaded":
      return { status: 503 };
    case "model_unauthorized":
      // Not 401: that would say that the caller's own token is wrong.
      return { status: 502, type: "upstream_authentication_error", final: true };
    case "model_stalled":
      return { status: 504 };
    case "model_unreachable":
    case "model_stream_cut":
    case "model_stream_malformed":
    case "model_server_error":
      return { status: 502 };
    default:
      return { status: 500 };
  }
}

function clientStatus(status: number | undefined): number {
  return status !== undefined && status >= 400 && status < 500 && status !== 401 && status !== 403
    ? status
    : 400;
}
