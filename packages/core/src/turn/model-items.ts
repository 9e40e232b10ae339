import { messageText, type ResponseItem, type ThreadItem } from "@quire/protocol";
import { splitPlan } from "../plan-mode/proposed-plan.ts";

/** The item of the plan that a message proposes. */
export const planItemId = (messageId: string) => `${messageId}-plan`;

/** What people see of an item that the model produced; nothing for calls, which become items when they are run. */
export function itemsOfModelOutput(item: ResponseItem, fallbackId: string, planMode: boolean): ThreadItem[] {
  const shown = itemOfModelOutput(item, fallbackId);
  if (shown === null) return [];
  if (!planMode || shown.type !== "agentMessage") return [shown];
  const { text, plan } = splitPlan(shown.text);
  if (plan === null) return [shown];
  const proposed: ThreadItem = { type: "plan", id: planItemId(shown.id), text: plan };
  return text === "" ? [proposed] : [{ ...shown, text }, proposed];
}

function itemOfModelOutput(item: ResponseItem, fallbackId: string): ThreadItem | null {
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

/** What was looked for: words, a page, or words on a page. */
function searchQuery(action: unknown): string {
  if (typeof action !== "object" || action === null) return "";
  for (const field of ["query", "url", "pattern"]) {
    const value: unknown = Reflect.get(action, field);
    if (typeof value === "string" && value !== "") return value;
  }
  return "";
}
