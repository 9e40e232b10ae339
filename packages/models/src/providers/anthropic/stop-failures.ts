import type { ErrorCode } from "@quire/protocol";
import type { Failure } from "../../transport/ending.ts";

/** The answer ended because the context was full. */
export function contextFull(): Failure {
  return final(
    "context_too_long",
    "The model stopped because its context is full.",
    "Compact the thread or start a new one.",
  );
}

/** The provider's own rules ended the answer. */
export function declined(): Failure {
  return final(
    "model_refused",
    "The model endpoint declined to answer this.",
    "Change the request; the provider declines this one.",
  );
}

function final(code: ErrorCode, message: string, next_step: string): Failure {
  return {
    error: { code, message, retryable: false, next_step },
    retry: false,
    retryAfterMs: null,
    stage: "stream",
  };
}
