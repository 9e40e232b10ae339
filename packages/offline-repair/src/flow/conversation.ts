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
 * first call are the task, later ones steer it. What the harness injects (environment, AGENTS.md) is neither.
 */
export function readConversation(input: readonly ResponseItem[]): Conversation {
  let task: string[] = [];
  let replies: { callId: string; output: string; steering: string[] }[] = [];
  for (const item of input) {
    if (item.type === "message") {
      const text = messageText(item);
      const ended = item.role === "assistant" ? isFinal(text) : item.role === "user" && ABORTED.test(text);
      if (ended) {
        task = [];
        replies = [];
      } else if (item.role === "user" && !INJECTED.test(text) && text.trim() !== "") {
        const last = replies.at(-1);
        if (last === undefined) task.push(text);
        else last.steering.push(text);
      }
    } else if (
      isToolCall(item) &&
      item.call_id.startsWith(CALL_PREFIX) &&
      !item.call_id.endsWith(PLAN_SUFFIX)
    ) {
      replies.push({ callId: item.call_id, output: "", steering: [] });
    } else if (isToolOutput(item)) {
      const reply = replies.find((one) => one.callId === item.call_id);
      if (reply !== undefined) reply.output = outputText(item.output);
    }
  }
  return startedAgain(task, replies);
}

/**
 * A turn that was cut off in a call starts again from its beginning: nothing that was found out before has to hold any
 * more, and every step may be done twice. What the user said since the first call still counts.
 */
function startedAgain(
  task: readonly string[],
  replies: readonly { callId: string; output: string; steering: string[] }[],
): Conversation {
  const cut = replies.findLastIndex((reply) => CUT_OFF.test(reply.output));
  const said = replies.slice(0, cut + 1).flatMap((reply) => reply.steering);
  return { task: [...task, ...said].join("\n"), replies: replies.slice(cut + 1) };
}

function isFinal(text: string): boolean {
  return text.includes(ANSWER_HEADER);
}

function outputText(output: ToolOutputBody): string {
  if (typeof output === "string") return output;
  return output.map((part) => ("text" in part ? part.text : "")).join("");
}
