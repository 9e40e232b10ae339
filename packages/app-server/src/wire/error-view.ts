import type { ErrorInfo } from "@quire/protocol";
import type { CodexErrorInfo, TurnError } from "@quire/protocol/app-server";

/** An error in the words that clients know, with our whole error beside it. */
export function errorView(error: ErrorInfo): TurnError {
  return {
    message: error.message,
    codexErrorInfo: codexErrorInfo(error),
    additionalDetails: error.details ?? error.next_step ?? null,
    misalignment: null,
    error,
  };
}

function codexErrorInfo(error: ErrorInfo): CodexErrorInfo {
  const status = { httpStatusCode: error.http_status ?? null };
  switch (error.code) {
    case "context_too_long":
    case "context_too_small":
      return "contextWindowExceeded";
    case "budget_exceeded":
      return "sessionBudgetExceeded";
    case "model_usage_limit":
      return "usageLimitExceeded";
    case "model_rate_limited":
      return "rateLimitExceeded";
    case "model_overloaded":
      return "serverOverloaded";
    case "model_not_found":
      return "modelNotFound";
    case "model_unauthorized":
      return "unauthorized";
    case "model_bad_request":
      return "badRequest";
    case "model_server_error":
      return "internalServerError";
    case "sandbox_unavailable":
      return "sandboxError";
    case "model_unreachable":
      return { httpConnectionFailed: status };
    case "model_stream_cut":
    case "model_stream_malformed":
    case "model_stalled":
      return { responseStreamDisconnected: status };
    default:
      return "other";
  }
}
