import type { McpAnswer, McpCallFailure } from "./call-outcome.ts";
import type { Connection } from "./connect.ts";

const MAX_MESSAGE = 2000;

export interface FailedCall {
  readonly server: string;
  /** The tool, or the request. */
  readonly what: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly expired: boolean;
  readonly connection: Connection;
}

/** What a thrown error says about a call, worded so that a model can act on it. */
export function callFailure(thrown: unknown, call: FailedCall): FailedAnswer {
  const { server, what, connection } = call;
  if (call.signal.aborted && !call.expired)
    return failed("interrupted", `The call of ${what} was interrupted.`);
  const ended = connection.reason();
  if (ended !== null) {
    return failed(
      "server_ended",
      `The MCP server ${server} ended during the call, so what the call did is unknown: ${ended}${connection.diagnostics()}`,
    );
  }
  const kind = connection.kindOf(thrown);
  if (call.expired || kind === "timeout") {
    return failed(
      "timed_out",
      `${what} of the MCP server ${server} gave no answer within ${call.timeout / 1000} s. What it did so far is unknown.`,
    );
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return kind === "rejection"
    ? failed("rejected", `The MCP server ${server} refused the call of ${what}: ${message}`)
    : failed("bad_answer", `The MCP server ${server} gave ${what} no usable answer: ${message}`);
}

export type FailedAnswer = Extract<McpAnswer<never>, { kind: "failed" }>;

export function failed(reason: McpCallFailure, message: string): FailedAnswer {
  return { kind: "failed", reason, message: message.slice(0, MAX_MESSAGE) };
}
