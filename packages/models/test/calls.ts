import { textMessage } from "@quire/protocol";
import type { ModelClient, ModelEvent, ModelRequest } from "../src/model-client.ts";

/** A request with only what a test says. */
export function request(changes: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: "scripted-model",
    instructions: "You are a test.",
    input: [textMessage("user", "hello")],
    tools: [],
    parallelToolCalls: true,
    promptCacheKey: "thread-1",
    ...changes,
  };
}

/** Runs a call to its end; `each` may cancel it on the way. */
export async function collect(
  client: ModelClient,
  changes: Partial<ModelRequest> = {},
  options: { signal?: AbortSignal; each?: (event: ModelEvent) => void } = {},
): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  const signal = options.signal ?? new AbortController().signal;
  for await (const event of client.stream(request(changes), { signal })) {
    events.push(event);
    options.each?.(event);
  }
  return events;
}

/** What counts in the end: everything since the last retry. */
export function afterRetries(events: readonly ModelEvent[]): ModelEvent[] {
  const last = events.findLastIndex((event) => event.type === "retrying");
  return events.slice(last + 1);
}

/** The events in short: deltas joined, items by type and content, so that whole calls can be compared. */
export function outline(events: readonly ModelEvent[]): string[] {
  return events.flatMap((event) => {
    switch (event.type) {
      case "item_done":
        return [`done ${contentOf(event.item)}`];
      case "retrying":
        return [`retrying ${event.error.code}`];
      case "completed":
        return ["completed"];
      case "failed":
        return [`failed ${event.error.code}`];
      case "stalled":
        return ["stalled"];
      default:
        return [];
    }
  });
}

function contentOf(item: Extract<ModelEvent, { type: "item_done" }>["item"]): string {
  switch (item.type) {
    case "message":
      return `message ${item.content.map((part) => ("text" in part ? part.text : part.type)).join("")}`;
    case "reasoning":
      return `reasoning ${item.summary.map((part) => part.text).join("")}`;
    case "function_call":
      return `call ${item.name} ${item.arguments}`;
    case "custom_tool_call":
      return `freeform ${item.name} ${item.input}`;
    default:
      return item.type;
  }
}

export function textOf(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.type === "text_delta" ? event.delta : "")).join("");
}
