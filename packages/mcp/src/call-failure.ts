import type { McpCallFailure, McpCallOutcome } from "./call-outcome.ts";
import type { Connection } from "./connect.ts";

const MAX_MESSAGE = 2000;

export interface FailedCall {
  readonly server: string;
  readonly tool: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly connection: Connection;
}

/** What a thrown error says about a call, worded so that a model can act on it. */
export function callFailure(thrown: unknown, call: FailedCall): McpCallOutcome {
  const { server, tool, connection } = call;
  if (call.signal.aborted) return failed("interrupted", `The call of ${tool} was interrupted.`);
  const ended = connection.reason();
  if (ended !== null) {
    return failed(
      "server_ended",
      `The MCP server ${server} ended during the call, so what the call did is unknown: ${ended}${connection.diagnostics()}`,
    );
  }
  const kind = connection.kindOf(thrown);
  if (kind === "timeout") {
    return failed(
      "timed_out",
      `${tool} of the MCP server ${server} gave no answer within ${call.timeout / 1000} s. What it did so far is unknown.`,
    );
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return kind === "rejection"
    ? failed("rejected", `The MCP server ${server} refused the call of ${tool}: ${message}`)
    : failed("bad_answer", `The MCP server ${server} gave ${tool} no usable answer: ${message}`);
}

export function failed(reason: McpCallFailure, message: string): McpCallOutcome {
  return { kind: "failed", reason, message: message.slice(0, MAX_MESSAGE) };
}
