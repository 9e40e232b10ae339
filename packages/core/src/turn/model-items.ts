import { messageText, type ResponseItem, type ThreadItem } from "@quire/protocol";

/** What people see of an item that the model produced; null for calls, which become items when they are run. */
export function itemOfModelOutput(item: ResponseItem, fallbackId: string): ThreadItem | null {
  const id = "id" in item && typeof item.id === "string" ? item.id : fallbackId;
  switch (item.type) {
    case "message":
      return item.role === "assistant" ? { type: "agentMessage", id, text: messageText(item) } : null;
    case "reasoning": {
      const summary = item.summary.map((part) => part.text);
      const content = (item.content ?? []).map((part) => part.text);
      return summary.length + content.length === 0 ? null : { type: "reasoning", id, summary, content };
    }
    case "web_search_call":
      return { type: "webSearch", id, query: searchQuery(item.action), action: item.action ?? null };
    default:
      return null;
  }
}

function searchQuery(action: unknown): string {
  return typeof action === "object" &&
    action !== null &&
    "query" in action &&
    typeof action.query === "string"
    ? action.query
    : "";
}
