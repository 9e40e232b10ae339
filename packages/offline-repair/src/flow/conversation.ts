import {
  isToolCall,
  isToolOutput,
  messageText,
  type ResponseItem,
  type ToolOutputBody,
} from "@quire/protocol";
import { ANSWER_HEADER } from "./answer.ts";
import type { Reply } from "./step.ts";

/** Marks the engine's own calls, so that calls of another model earlier in the thread are not taken for its own. */
export const CALL_PREFIX = "offline_repair_";

/** Marks plans that are shown beside another call; nobody waits for their outputs. */
export const PLAN_SUFFIX = "_plan";

/** The running turn, read back from the items of a request. */
export interface Conversation {
  /** What the user asked for; empty when there is no user message. */
  task: string;
  /** Replies to the engine's calls of this turn, in order. */
  replies: readonly Reply[];
}

const INJECTED = /^\s*(<[a-z_]+[ >]|# AGENTS\.md)/i;
/** How the harness answers a call whose process was killed: nobody knows what came of it, or it never began. */
const CUT_OFF = /^(Outcome unknown:|Not run: Quire was stopped)/;
const ABORTED = /^\s*<turn_aborted>/i;

/**
 * Finds the running turn: everything after the engine's last final answer or an interruption. User messages before the
 * first call are the task, later ones steer it. What the harness injects (environment, AGENTS.md) is neither. A turn
 * that was cut off in a call starts again from its beginning: nothing that was found out before has to hold any more,
 * and every step may be done twice. What the user said since the first call still counts.
 */
export function readConversation(input: readonly ResponseItem[]): Conversation {
  let task: string[] = [];
  let replies: { callId: string; output: string; steering: string[] }[] = [];
  for (const item of input) {
    const last = replies.at(-1);
    if (item.type === "message") {
      const text = messageText(item);
      if (
        item.role === "assistant" ? text.includes(ANSWER_HEADER) : item.role === "user" && ABORTED.test(text)
      ) {
        task = [];
        replies = [];
      } else if (item.role === "user" && !INJECTED.test(text) && text.trim() !== "") {
        (last?.steering ?? task).push(text);
      }
    } else if (isToolCall(item)) {
      const { call_id: callId } = item;
      if (callId.startsWith(CALL_PREFIX) && !callId.endsWith(PLAN_SUFFIX))
        replies.push({ callId, output: "", steering: [] });
    } else if (isToolOutput(item) && item.call_id === last?.callId) {
      last.output = outputText(item.output);
      if (!CUT_OFF.test(last.output)) continue;
      task.push(...replies.flatMap(({ steering }) => steering));
      replies = [];
    }
  }
  return { task: task.join("\n"), replies: replies.map(({ output, steering }) => ({ output, steering })) };
}

function outputText(output: ToolOutputBody): string {
  return typeof output === "string"
    ? output
    : output.map((part) => ("text" in part ? part.text : "")).join("");
}
