import type { EventReader, TaskScope } from "@quire/core";
import type { ReviewResult, ThreadEvent, ThreadItem } from "@quire/protocol";
import { type ReviewedChanges, readFindings } from "./findings.ts";
import { renderReview } from "./render-review.ts";

type Message = Extract<ThreadItem, { type: "agentMessage" }>;

/**
 * Shows what the reviewer does as the work of another thread's turn. Its last message is the answer, which is JSON: that
 * one is not shown but returned, in words and as data.
 */
export async function followReviewer(
  events: EventReader,
  scope: TaskScope,
  changes: ReviewedChanges,
): Promise<{ prose: string | null; result: ReviewResult | null }> {
  let held: Message | null = null;
  const release = () => {
    if (held !== null) scope.completed(held);
    held = null;
  };
  for await (const event of events) {
    if (event.method === "turn/completed") break;
    const message = messageOf(event);
    if (message !== null || event.method === "item/started") release();
    if (message !== null) held = message;
    else pass(event, scope);
  }
  // Of the loop above the compiler only sees that it may not have run.
  const last = held as Message | null;
  if (last === null) return { prose: null, result: null };
  const result = readFindings(last.text, changes);
  return { prose: result === null ? last.text : renderReview(result), result };
}

function messageOf(event: ThreadEvent): Message | null {
  if (event.method !== "item/completed" || event.params.item.type !== "agentMessage") return null;
  return event.params.item;
}

function pass(event: ThreadEvent, scope: TaskScope): void {
  switch (event.method) {
    case "item/started":
      if (isWork(event.params.item)) scope.started(event.params.item);
      return;
    case "item/updated":
      scope.updated(event.params.item);
      return;
    case "item/completed":
      if (event.params.item.type !== "userMessage") scope.completed(event.params.item);
      return;
    case "error":
    case "turn/stalled":
      scope.tell(event);
      return;
    default:
  }
}

/** Text that is only being streamed is complete or nothing here. */
function isWork({ type }: ThreadItem): boolean {
  return type !== "agentMessage" && type !== "reasoning" && type !== "userMessage";
}
