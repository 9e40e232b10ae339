import type { McpCallFailure, McpCallOutcome } from "@quire/mcp";
import type { ErrorCode, McpToolCallItem } from "@quire/protocol";
import { MAX_ARGUMENT_BYTES } from "../arguments/parse-arguments.ts";
import type { ToolResult } from "../tool.ts";
import { loggedResult, outputOf } from "./tool-output.ts";

/** The arguments of a call; null for what is not one JSON object, or too long. */
export function readArguments(input: string): Record<string, unknown> | null {
  if (input.length > MAX_ARGUMENT_BYTES) return null;
  try {
    const value: unknown = JSON.parse(input.trim() === "" ? "{}" : input);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** What became of a call, for the log and for the model. `source` is said in front of what the model reads. */
export function resultOf(
  item: McpToolCallItem,
  outcome: McpCallOutcome,
  durationMs: number,
  source = "",
): ToolResult {
  if (outcome.kind === "failed") {
    const error = { code: codeOf(outcome.reason), message: outcome.message, retryable: false };
    return {
      item: { ...item, status: "failed", error, durationMs },
      output: outcome.message,
      success: false,
    };
  }
  return {
    item: {
      ...item,
      status: outcome.isError ? "failed" : "completed",
      result: loggedResult(outcome),
      durationMs,
    },
    output: outputOf(outcome, durationMs, source),
    success: !outcome.isError,
  };
}

function codeOf(reason: McpCallFailure): ErrorCode {
  switch (reason) {
    case "timed_out":
      return "mcp_call_timed_out";
    case "interrupted":
      return "interrupted";
    case "rejected":
    case "changed":
      return "tool_failed";
    default:
      return "mcp_server_failed";
  }
}
