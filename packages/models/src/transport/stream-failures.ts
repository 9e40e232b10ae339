import { brokenOff, type Failure } from "./ending.ts";

/** The stream is not what its wire API sends. `api` is that API's name, `evidence` is shown in part. */
export function malformed(api: string, why: string, evidence: string): Failure {
  return brokenOff(
    "stream",
    "model_stream_malformed",
    `The model's response cannot be read: ${why}.`,
    `Try again; if it keeps happening, the endpoint does not speak the ${api} as documented.`,
    evidence.slice(0, 500),
  );
}

/** A response that would come out the same way again. */
export function nothingKnown(api: string, types: Iterable<string>): Failure {
  const why = `it holds only items of types that Quire does not know: ${[...types].join(", ")}`;
  const { error } = malformed(api, why, "");
  return { error: { ...error, retryable: false }, retry: false, retryAfterMs: null, stage: "stream" };
}

export function incompleteFailure(reason: string): Failure {
  const next =
    reason === "max_output_tokens"
      ? "Ask it to go on, lower the reasoning effort or raise the output limit."
      : "Ask it to go on, or change the request.";
  return {
    error: {
      code: "model_incomplete",
      message: `The model stopped before it was done, reason: ${reason}.`,
      retryable: false,
      next_step: next,
      details: `reason: ${reason}`,
    },
    retry: false,
    retryAfterMs: null,
    stage: "stream",
  };
}
