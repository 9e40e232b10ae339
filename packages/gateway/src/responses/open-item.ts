import type { TokenLogprob } from "@quire/models";
import type { ResponseItem } from "@quire/protocol";
import { wireLogprobs } from "../wire/logprobs.ts";
import type { WireItem } from "./response-object.ts";

export interface OpenItemDeps {
  mintId: (prefix: string) => string;
  emit: (type: string, fields: Readonly<Record<string, unknown>>) => void;
  add: (item: WireItem) => number;
  customTools: ReadonlySet<string>;
  hostedTools: ReadonlySet<string>;
}

/** An item while the model writes it: it turns deltas into the events of its kind and closes them in their order. */
export interface OpenItem {
  readonly id: string;
  readonly type: ResponseItem["type"];
  readonly index: number;
  /** Shown in another form, by whoever runs the call. */
  readonly hidden: boolean;
  text(delta: string, tokens?: readonly TokenLogprob[]): void;
  reasoning(summaryIndex: number, delta: string): void;
  toolInput(delta: string): void;
  /** The events that stand between the last delta and `output_item.done`. */
  finish(item: WireItem): void;
}

export function openItem(item: ResponseItem, deps: OpenItemDeps): OpenItem {
  if (item.type === "message") return openMessage(deps);
  if (item.type === "reasoning") return openReasoning(item.id, deps);
  if (item.type === "function_call" && !deps.customTools.has(item.name)) {
    if (deps.hostedTools.has(item.name)) return hiddenItem(item.type);
    return openCall(item, "arguments", deps);
  }
  if (item.type === "custom_tool_call" || item.type === "function_call") return openCall(item, "input", deps);
  return plainItem(item, deps);
}

const ignore = () => {};

function hiddenItem(type: ResponseItem["type"]): OpenItem {
  const nothing = { text: ignore, reasoning: ignore, toolInput: ignore, finish: ignore };
  return { id: "", type, index: -1, hidden: true, ...nothing };
}

function plainItem(item: ResponseItem, deps: OpenItemDeps): OpenItem {
  const id = deps.mintId(item.type === "web_search_call" ? "ws" : "item");
  const index = deps.add({ id, type: item.type, status: "in_progress" });
  const nothing = { text: ignore, reasoning: ignore, toolInput: ignore, finish: ignore };
  return { id, type: item.type, index, hidden: false, ...nothing };
}

function openMessage(deps: OpenItemDeps): OpenItem {
  const id = deps.mintId("msg");
  const index = deps.add({ id, type: "message", status: "in_progress", role: "assistant", content: [] });
  const at = { item_id: id, output_index: index };
  let opened = false;
  const open = (part: Readonly<Record<string, unknown>>, content_index: number) => {
    const empty = part.type === "refusal" ? { ...part, refusal: "" } : { ...part, text: "" };
    deps.emit("response.content_part.added", { ...at, content_index, part: empty });
  };
  const said: object[] = [];
  const text = (delta: string, tokens: readonly TokenLogprob[] = []) => {
    if (!opened) open({ type: "output_text", annotations: [], logprobs: [] }, 0);
    opened = true;
    const logprobs = wireLogprobs(tokens);
    said.push(...logprobs);
    deps.emit("response.output_text.delta", { ...at, content_index: 0, delta, logprobs });
  };
  return {
    id,
    type: "message",
    index,
    hidden: false,
    text,
    reasoning: ignore,
    toolInput: ignore,
    finish(item) {
      const parts = Array.isArray(item.content) ? item.content : [];
      // The item that a provider ends with need not have what its deltas had.
      const first = parts.find((part) => part.type === "output_text");
      if (first !== undefined) first.logprobs = said;
      for (const [content_index, part] of parts.entries()) {
        if (content_index > 0 || !opened) {
          open(part, content_index);
          // A text that came without deltas is sent as one, because readers add deltas up.
          if (part.type === "output_text" && part.text !== "") {
            deps.emit("response.output_text.delta", { ...at, content_index, delta: part.text, logprobs: [] });
          }
        }
        if (part.type === "output_text") {
          const { text, logprobs } = part;
          deps.emit("response.output_text.done", { ...at, content_index, text, logprobs });
        }
        deps.emit("response.content_part.done", { ...at, content_index, part });
      }
    },
  };
}

function openReasoning(upstreamId: string | undefined, deps: OpenItemDeps): OpenItem {
  // Encrypted content is bound to the id that the provider gave, and clients send both back.
  const id = upstreamId ?? deps.mintId("rs");
  const index = deps.add({ id, type: "reasoning", summary: [] });
  const at = { item_id: id, output_index: index };
  let opened = 0;
  const openUpTo = (count: number) => {
    for (; opened < count; opened++) {
      const part = { type: "summary_text", text: "" };
      deps.emit("response.reasoning_summary_part.added", { ...at, summary_index: opened, part });
    }
  };
  return {
    id,
    type: "reasoning",
    index,
    hidden: false,
    text: ignore,
    toolInput: ignore,
    reasoning(summary_index, delta) {
      openUpTo(summary_index + 1);
      deps.emit("response.reasoning_summary_text.delta", { ...at, summary_index, delta });
    },
    finish(item) {
      const summary = Array.isArray(item.summary) ? item.summary : [];
      openUpTo(summary.length);
      for (const [summary_index, part] of summary.entries()) {
        deps.emit("response.reasoning_summary_text.done", { ...at, summary_index, text: part.text });
        deps.emit("response.reasoning_summary_part.done", { ...at, summary_index, part });
      }
    },
  };
}

function openCall(
  item: Extract<ResponseItem, { type: "function_call" | "custom_tool_call" }>,
  field: "arguments" | "input",
  deps: OpenItemDeps,
): OpenItem {
  const isFunction = field === "arguments";
  const id = deps.mintId(isFunction ? "fc" : "ctc");
  const type = isFunction ? "function_call" : "custom_tool_call";
  const { call_id, name } = item;
  const index = deps.add({ id, type, status: "in_progress", call_id, name, [field]: "" });
  const at = { item_id: id, output_index: index };
  const event = isFunction ? "response.function_call_arguments" : "response.custom_tool_call_input";
  // The arguments of a function that stands for a custom tool are JSON around the input; they cannot be passed on.
  const streams = isFunction || item.type === "custom_tool_call";
  let streamed = false;
  return {
    id,
    type: item.type,
    index,
    hidden: false,
    text: ignore,
    reasoning: ignore,
    toolInput(delta) {
      if (!streams) return;
      streamed = true;
      deps.emit(`${event}.delta`, { ...at, delta });
    },
    finish(done) {
      const whole = done[field];
      if (!streamed && whole !== "") deps.emit(`${event}.delta`, { ...at, delta: whole });
      deps.emit(`${event}.done`, { ...at, ...(isFunction ? { name } : {}), [field]: whole });
    },
  };
}
