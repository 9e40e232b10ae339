import type { ResponseItem, ToolCall, ToolOutputBody } from "@quire/protocol";

/** The history item that answers a call; each kind of call has its own kind of answer. */
export function answerTo(call: ToolCall, output: ToolOutputBody): ResponseItem {
  return call.type === "function_call"
    ? { type: "function_call_output", call_id: call.call_id, output }
    : { type: "custom_tool_call_output", call_id: call.call_id, output };
}
