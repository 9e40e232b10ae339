import { isToolCall, isToolOutput, type MessageItem, messageText, type ResponseItem } from "@quire/protocol";
import { truncateMiddle } from "@quire/tools";
import { MAIL_TAG, RESULTS_TAG } from "../agents/agent-tags.ts";
import { isContextMessage } from "../context/session-context.ts";
import { bytesOf } from "./bytes.ts";
import { isSummaryMessage, summaryOf } from "./summary-message.ts";

/** Bytes that each kept part may take. */
export interface KeptBytes {
  /** The user's messages, newest first; the newest one stays whole whatever it takes. */
  users: number;
  /** The last rounds of calls and answers; 0 keeps none. */
  recent: number;
}

/** A history taken apart: what stays as it is, and what leaves. */
export interface SplitHistory {
  /** Messages of the user from before `recent`, word for word, oldest first. */
  users: MessageItem[];
  /** The end of the history, beginning with a message of the user or a whole response of the model. */
  recent: ResponseItem[];
  leaving: ResponseItem[];
  usersLeftOut: number;
  /** The words of the last summary, or null without one. */
  earlier: string | null;
}

/** Decides what of a history survives a compaction word for word. Pure. */
export function splitHistory(history: readonly ResponseItem[], bytes: KeptBytes): SplitHistory {
  const conversation = history.filter((item) => !isContextMessage(item) && !isSummaryMessage(item));
  const summary = history.findLast(isSummaryMessage);
  const from = recentFrom(conversation, bytes.recent);
  const recent = fitted(conversation.slice(from), bytes.recent);
  const older = conversation.slice(0, from);
  const kept = newestUsers(older, bytes.users, !recent.some(isUserMessage));
  return {
    users: older.filter(isUserMessage).filter((item) => kept.has(item)),
    recent,
    leaving: older.filter((item) => !(isUserMessage(item) && kept.has(item))),
    usersLeftOut: older.filter((item) => isUserMessage(item) && !kept.has(item)).length,
    earlier: summary === undefined ? null : summaryOf(summary),
  };
}

/** Whether a person wrote this; in an agent's thread, whoever gave it its task. */
export function isUserMessage(item: ResponseItem): item is MessageItem {
  return (
    item.type === "message" &&
    item.role === "user" &&
    !isContextMessage(item) &&
    !isSummaryMessage(item) &&
    !AGENT_TAGS.some((tag) => messageText(item).startsWith(tag))
  );
}

/** What other agents came to and said. */
const AGENT_TAGS: readonly string[] = [RESULTS_TAG, MAIL_TAG];

/** Where the kept end begins. Calls stay with their answers, reasoning with its calls, and a last message whole. */
function recentFrom(items: readonly ResponseItem[], maxBytes: number): number {
  let from = items.length;
  let bytes = 0;
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index];
    if (item === undefined) break;
    bytes += bytesOf(item);
    if (!beginsRound(items, index)) continue;
    const lastMessage = isUserMessage(item) && items.slice(index).every(isUserMessage);
    // The last round is always kept where any is: its answers are what the model has asked for and not seen yet.
    const lastRound = from === items.length && maxBytes > 0;
    if (!lastMessage && !lastRound && bytes > maxBytes) break;
    from = index;
  }
  return from;
}

function beginsRound(items: readonly ResponseItem[], index: number): boolean {
  const item = items[index];
  const before = items[index - 1];
  if (item === undefined || isToolOutput(item)) return false;
  if (isUserMessage(item) || before === undefined) return true;
  return isToolOutput(before) || (before.type === "message" && before.role !== "assistant");
}

/** Answers that are too long for what may be kept lose their middle, and say so. */
function fitted(items: readonly ResponseItem[], maxBytes: number): ResponseItem[] {
  const total = items.reduce((sum, item) => sum + bytesOf(item), 0);
  const outputs = items.filter(isToolOutput);
  if (total <= maxBytes || outputs.length === 0) return [...items];
  const fixed = items.filter((item) => !isToolOutput(item)).reduce((sum, item) => sum + bytesOf(item), 0);
  const each = Math.max(400, Math.floor((maxBytes - fixed) / outputs.length) - 200);
  return items.map((item) => {
    if (!isToolOutput(item)) return item;
    const size = bytesOf(item);
    if (size <= each) return item;
    if (typeof item.output !== "string")
      return { ...item, output: "[A picture was here; look at it again.]" };
    // Escaped, as it is sent, a text is longer than it is.
    const share = Buffer.byteLength(item.output) / size;
    return {
      ...item,
      output: truncateMiddle(item.output, { maxTokens: Math.floor((each * share) / 4) }).text,
    };
  });
}

/** The newest messages that fit; `atLeastOne` keeps the newest whatever it takes. */
function newestUsers(
  items: readonly ResponseItem[],
  maxBytes: number,
  atLeastOne: boolean,
): Set<ResponseItem> {
  const kept = new Set<ResponseItem>();
  let bytes = 0;
  for (const item of items.toReversed()) {
    if (!isUserMessage(item)) continue;
    bytes += bytesOf(item);
    if (bytes > maxBytes && !(atLeastOne && kept.size === 0)) break;
    kept.add(item);
  }
  return kept;
}

/** What leaves, in a line for each kind. */
export function describeLeaving({ leaving, usersLeftOut }: SplitHistory): string[] {
  const count = (fits: (item: ResponseItem) => boolean) => leaving.filter(fits).length;
  const kinds: [number, string][] = [
    [count(isToolCall), "tool calls with their answers"],
    [count((item) => item.type === "message" && item.role === "assistant"), "messages of the agent"],
    [count((item) => item.type === "reasoning"), "pieces of reasoning"],
    [usersLeftOut, "older messages of the user"],
  ];
  return kinds.filter(([number]) => number > 0).map(([number, what]) => `${what}: ${number}`);
}
