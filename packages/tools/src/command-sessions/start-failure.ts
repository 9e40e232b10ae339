import type { ErrorInfo } from "@quire/protocol";
import type { StartOutcome } from "@quire/sandbox";

export type NotStarted =
  | Exclude<StartOutcome, { kind: "started" }>
  | { kind: "closed" }
  | { kind: "tooMany"; limit: number }
  | { kind: "noUnconfined" };

/** Why a command was not started, as data for the item and in words for the model. */
export function startFailure(outcome: NotStarted): ErrorInfo {
  switch (outcome.kind) {
    case "unavailable":
      return {
        code: "sandbox_unavailable",
        message: `The command was not run because the sandbox does not work here: ${outcome.reason.cause}`,
        retryable: false,
        next_step: outcome.reason.remedy,
      };
    case "noUnconfined":
      return {
        code: "sandbox_unavailable",
        message: "The command was not run because nothing may run outside the sandbox in this thread.",
        retryable: false,
        next_step: 'Run it with sandbox_permissions "use_default", or tell the user what is needed.',
      };
    case "closed":
      return {
        code: "interrupted",
        message: "The command was not run: the thread is closing.",
        retryable: false,
      };
    case "tooMany":
      return {
        code: "command_start_failed",
        message: `The command was not run: ${outcome.limit} commands are running already.`,
        retryable: true,
        next_step: 'Wait for one with write_stdin, or end one by sending it "\\u0003".',
      };
    case "failed":
      return {
        code:
          outcome.code === "interrupted" || outcome.code === "closed"
            ? "interrupted"
            : "command_start_failed",
        message: `The command was not started: ${outcome.message}`,
        retryable: false,
        ...(outcome.code === "cwd-missing"
          ? { next_step: "Give a workdir that exists, or leave it out." }
          : {}),
      };
  }
}
