import type { ModelEvent } from "@quire/models";
import { CodedError, type ErrorInfo, messageText } from "@quire/protocol";
import type { RequestEnd } from "./turn-bill.ts";

/** A call of which only the words count. */
export interface TextCall {
  /** What was said until it ended, however it ended. */
  readonly text: string;
  readonly end: RequestEnd;
  /** The answer is cut at its bound. */
  readonly reachedLimit: boolean;
}

/**
 * Reads such a call to its end; calls of tools in the answer are passed over. `retry` is told of an attempt that failed and
 * would be made again; an error that it gives ends the call instead. `onEvent` sees all other events.
 */
export async function readTextCall(
  events: AsyncIterable<ModelEvent>,
  retry: (error: ErrorInfo) => ErrorInfo | null,
  onEvent: (event: ModelEvent) => void = () => undefined,
): Promise<TextCall> {
  let text = "";
  for await (const event of events) {
    if (event.type === "retrying") {
      const last = retry(event.error);
      if (last !== null) return failed(text, last, null);
      text = "";
    }
    onEvent(event);
    switch (event.type) {
      case "item_done":
        if (event.item.type === "message" && event.item.role === "assistant") text += messageText(event.item);
        break;
      case "completed": {
        const { usage, responseId, reachedLimit = false } = event.completion;
        return { text, end: { usage, responseId, error: null }, reachedLimit };
      }
      case "failed":
        return failed(text, event.error, event.usage);
      default:
    }
  }
  throw new CodedError("internal", "the model client ended its stream without saying how");
}

function failed(text: string, error: ErrorInfo, usage: RequestEnd["usage"]): TextCall {
  return { text, end: { usage, responseId: null, error }, reachedLimit: false };
}
