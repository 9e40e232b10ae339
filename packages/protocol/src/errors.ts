import * as z from "zod/mini";

/**
 * Every code a front end can show. Codes are stable: scripts match on them. The words beside them may change.
 * The first group comes from model endpoints, the second from tools and the sandbox, the third from the user's input
 * and machine.
 */
export const ERROR_CODES = [
  "model_unreachable",
  "model_stream_cut",
  "model_stream_malformed",
  "model_stalled",
  "model_not_found",
  "model_bad_request",
  "model_unauthorized",
  "model_rate_limited",
  "model_usage_limit",
  "model_overloaded",
  "model_server_error",
  "model_incomplete",
  "model_refused",
  "context_too_long",
  /** What every request must hold is larger than the limit, so compaction cannot help. */
  "context_too_small",

  "patch_bad_format",
  "patch_does_not_apply",
  "patch_path_refused",
  "tool_unknown",
  "tool_bad_arguments",
  "tool_failed",
  "mcp_server_failed",
  "mcp_call_timed_out",
  /** A server that wanted an answer of the user's model. */
  "mcp_sampling_refused",
  "agent_not_found",
  "agent_limit",
  "command_denied",
  "command_declined",
  /** A rule of AGENTS.md that is enforced. */
  "rule_violated",
  "command_timed_out",
  "command_start_failed",
  "sandbox_unavailable",
  "outcome_unknown",

  "usage_invalid",
  "config_invalid",
  "config_unknown_key",
  "prompt_empty",
  "directory_unusable",
  "not_a_repository",
  "image_invalid",
  "schema_invalid",
  "output_schema_mismatch",
  "thread_not_found",
  "thread_busy",
  "rollout_damaged",
  /** No app-server answers where one should be. */
  "connection_failed",
  /** One answers, and does not let this client in. */
  "connection_refused",
  "storage_full",
  "storage_failed",
  "budget_exceeded",
  "task_declined",
  /** Turns towards a goal that followed each other and brought it no nearer. */
  "goal_no_progress",
  /** A hook of the user's, the project's or a plugin's did not let the turn go on. */
  "hook_blocked",
  "interrupted",
  "internal",
] as const;

export const ErrorCodeSchema = z.enum(ERROR_CODES);
export type ErrorCode = z.infer<typeof ErrorCodeSchema>;

/** An error as data: what the log keeps, what goes over a wire and what every front end shows. */
export const ErrorInfoSchema = z.object({
  code: ErrorCodeSchema,
  message: z.string(),
  /** Whether trying the same thing again later may work. */
  retryable: z.boolean(),
  next_step: z.optional(z.string()),
  http_status: z.optional(z.number()),
  /** Unix time in seconds at which a limit is lifted, when the endpoint said so. */
  reset_at: z.optional(z.number()),
  details: z.optional(z.string()),
  /** With `budget_exceeded`: which limit it was. Model calls, tokens, US dollars or seconds, by `limit`. */
  budget: z.optional(
    z.object({
      limit: z.enum(["turns", "tokens", "cost", "time"]),
      allowed: z.number(),
      used: z.number(),
      /** What the call that was not made would have taken at least, estimated. */
      needed: z.optional(z.number()),
      /** What shares the limit; absent in what older versions wrote. */
      scope: z.optional(z.enum(["turn", "thread", "day", "month", "user"])),
      /** What other calls in progress may still use of it. */
      reserved: z.optional(z.number()),
    }),
  ),
});
export type ErrorInfo = z.infer<typeof ErrorInfoSchema>;

/** When the limit behind an error is lifted, in words; null where nobody said. */
export function resetText({ reset_at: seconds }: Pick<ErrorInfo, "reset_at">): string | null {
  if (seconds === undefined || !Number.isFinite(seconds * 1000) || Math.abs(seconds) > 8.64e12) return null;
  return `The limit is lifted at ${new Date(seconds * 1000).toISOString()}.`;
}

export interface CodedErrorOptions {
  retryable?: boolean;
  nextStep?: string;
  httpStatus?: number;
  resetAt?: number;
  details?: string;
  cause?: unknown;
}

/** A fault with a stable code and, where there is one, what to do next. Expected outcomes are values instead. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly info: ErrorInfo;

  constructor(code: ErrorCode, message: string, options: CodedErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CodedError";
    this.code = code;
    this.info = {
      code,
      message,
      retryable: options.retryable ?? false,
      ...(options.nextStep === undefined ? {} : { next_step: options.nextStep }),
      ...(options.httpStatus === undefined ? {} : { http_status: options.httpStatus }),
      ...(options.resetAt === undefined ? {} : { reset_at: options.resetAt }),
      ...(options.details === undefined ? {} : { details: options.details }),
    };
  }
}

/** Turns anything thrown into an `ErrorInfo`; what was not thrown as a `CodedError` becomes `internal`. */
export function errorInfoOf(thrown: unknown): ErrorInfo {
  if (thrown instanceof CodedError) return thrown.info;
  const code = storageCode(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const nextStep =
    code === "storage_full"
      ? "Free some space on the disk that holds the Quire home, then resume the thread."
      : undefined;
  return {
    code,
    message,
    retryable: false,
    ...(nextStep === undefined ? {} : { next_step: nextStep }),
    ...(thrown instanceof Error && code === "internal" && thrown.stack ? { details: thrown.stack } : {}),
  };
}

function storageCode(thrown: unknown): ErrorCode {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return "internal";
  if (thrown.code === "ENOSPC" || thrown.code === "EDQUOT") return "storage_full";
  if (thrown.code === "EIO" || thrown.code === "EROFS" || thrown.code === "EMFILE") return "storage_failed";
  return "internal";
}
