import type { ErrorInfo, TokenUsage } from "@quire/protocol";
import type { ModelCompletion, ModelEvent } from "../model-client.ts";

/** A failed attempt, and whether another one makes sense. */
export interface Failure {
  error: ErrorInfo;
  retry: boolean;
  /** What the endpoint asked for, null when it left that to us. */
  retryAfterMs: number | null;
  /** `request`: no stream had begun. Decides which retry limit applies. */
  stage: "request" | "stream";
}

/** How one attempt ended. */
export type Ending =
  | { kind: "completed"; completion: ModelCompletion }
  | { kind: "failed"; failure: Failure; usage: TokenUsage | null };

/** Turns the events of one stream into model events. Made anew for each attempt. */
export interface StreamDecoder {
  /** Takes the data of one server-sent event; the ending, once the stream says how it ended. */
  feed(data: string, eventName: string | undefined, emit: (event: ModelEvent) => void): Ending | null;
  /** The body ended properly without an ending; null when that means that something is missing. */
  close?(emit: (event: ModelEvent) => void): Ending | null;
}

export function failed(failure: Failure, usage: TokenUsage | null = null): Ending {
  return { kind: "failed", failure, usage };
}

/** A break of an attempt that has nothing to do with what the endpoint said; always worth another try. */
export function brokenOff(
  stage: Failure["stage"],
  code: "model_unreachable" | "model_stream_cut" | "model_stream_malformed" | "model_stalled",
  message: string,
  nextStep: string,
  details?: string,
): Failure {
  return {
    error: {
      code,
      message,
      retryable: true,
      next_step: nextStep,
      ...(details === undefined || details === "" ? {} : { details }),
    },
    retry: true,
    retryAfterMs: null,
    stage,
  };
}

export const INTERRUPTED: ErrorInfo = Object.freeze({
  code: "interrupted",
  message: "The model call was cancelled.",
  retryable: true,
});
