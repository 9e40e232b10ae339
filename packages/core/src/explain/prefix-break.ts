import { isToolCall, isToolOutput, type ResponseItem } from "@quire/protocol";
import { isContextMessage } from "../context/session-context.ts";
import type { RequestBytes, RequestFields } from "./request-bytes.ts";

/** Where a request stopped beginning with the bytes of the one before. */
export interface PrefixBreak {
  /** The first byte that differs. */
  byte: number;
  /** Bytes of the request before, up to the end of its last item. */
  of: number;
  /** The field or item, in words. */
  what: string;
}

/** A request as it is compared with the next one. */
export interface SentPrefix {
  fields: RequestFields;
  head: Buffer;
  items: readonly ResponseItem[];
  /** Up to the end of the last item. */
  bytes: number;
}

/** Null when `after` begins with all of `before`. */
export function prefixBreak(before: SentPrefix, after: SentPrefix, bytes: RequestBytes): PrefixBreak | null {
  const headAt = firstDifference(before.head, after.head);
  if (headAt !== null) {
    return { byte: headAt, of: before.bytes, what: changedField(before.fields, after.fields) };
  }
  let at = before.head.length;
  for (const [index, item] of before.items.entries()) {
    const now = after.items[index];
    if (index > 0) at += 1;
    if (now === item) {
      at += bytes.sizeOf(item);
      continue;
    }
    const was = bytes.item(item);
    const is = now === undefined ? Buffer.alloc(0) : bytes.item(now);
    const within = firstDifference(was, is);
    if (within !== null) {
      const what = `item ${index + 1} of the input (${describeItem(item, before.items)})`;
      return { byte: at + within, of: before.bytes, what };
    }
    at += was.length;
  }
  return null;
}

/** Where `a` is no longer what `b` begins with; null where it is all of it. */
function firstDifference(a: Buffer, b: Buffer): number | null {
  if (b.subarray(0, a.length).equals(a)) return null;
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
}

function changedField(before: RequestFields, after: RequestFields): string {
  if (before.model !== after.model) return `the model (${before.model} became ${after.model})`;
  if (before.instructions !== after.instructions) return "the instructions";
  const tools = changedTools(before, after);
  if (tools !== null) return tools;
  if (before.parallelToolCalls !== after.parallelToolCalls) return "whether tools may run side by side";
  return "the cache key (a fork has one of its own)";
}

function changedTools(before: RequestFields, after: RequestFields): string | null {
  const was = new Map(before.tools.map((tool) => [tool.name, JSON.stringify(tool)]));
  const is = new Map(after.tools.map((tool) => [tool.name, JSON.stringify(tool)]));
  const parts = [
    ["new", [...is.keys()].filter((name) => !was.has(name))],
    ["gone", [...was.keys()].filter((name) => !is.has(name))],
    ["changed", [...is.keys()].filter((name) => was.has(name) && was.get(name) !== is.get(name))],
  ] as const;
  const said = parts.flatMap(([word, names]) => (names.length === 0 ? [] : [`${word}: ${names.join(", ")}`]));
  if (said.length > 0) return `the tools (${said.join("; ")})`;
  return before.tools.map(({ name }) => name).join() === after.tools.map(({ name }) => name).join()
    ? null
    : "the order of the tools";
}

function describeItem(item: ResponseItem, items: readonly ResponseItem[]): string {
  if (isToolOutput(item)) {
    const call = items.find((other) => isToolCall(other) && other.call_id === item.call_id);
    return call !== undefined && isToolCall(call) ? `output of ${call.name}` : "output of a tool";
  }
  if (isToolCall(item)) return `call of ${item.name}`;
  if (item.type !== "message") return item.type;
  if (isContextMessage(item)) return "context message";
  return item.role === "assistant" ? "answer" : `${item.role} message`;
}
