import type { ErrorCode, ErrorInfo, ThreadItem } from "@quire/protocol";
import type { ToolResult } from "../tool.ts";

export type WebItem = Extract<ThreadItem, { type: "webSearch" }>;
type Facts = Readonly<Record<string, unknown>>;

/** What was looked up. `action` keeps where it came from, when, and the hash of what came. */
export function webItem(id: string, query: string, action: Facts): WebItem {
  return { type: "webSearch", id, query, action };
}

/** A lookup that came to nothing; the item keeps why. */
export function webFailure(item: WebItem, code: ErrorCode, message: string): ToolResult {
  const error: ErrorInfo = { code, message, retryable: code !== "command_denied" };
  const action = typeof item.action === "object" ? item.action : {};
  return { item: { ...item, action: { ...action, error } }, output: message, success: false };
}
