import { isToolCall, isToolOutput, messageText, type ResponseItem } from "@quire/protocol";
import { estimatePiece } from "../turn/estimate-tokens.ts";
import type { RequestFields } from "./request-bytes.ts";

/** Where input comes from: a word for each kind, and the tool's name for outputs and calls. */
export type Source = string;

const CONTEXT_SOURCES: readonly (readonly [tag: string, source: Source])[] = [
  ["<permissions>", "permissions"],
  ["<developer_instructions>", "developer instructions"],
  ["# AGENTS.md instructions", "AGENTS.md"],
  ["<environment_context>", "environment"],
];

/** One output of a tool, as often as it was sent. */
export interface SentOutput {
  /** The command, or the tool's name. */
  what: string;
  /** Of one sending, roughly. */
  tokens: number;
  /** Requests that carried it. */
  requests: number;
}

const ROUGH_CHARACTERS = 3.5;

/** Follows a growing history and knows how much of it comes from where, in rough tokens. */
export class SourceWeights {
  readonly weights = new Map<Source, number>();
  readonly outputs: SentOutput[] = [];
  readonly #calls = new Map<string, { name: string; what: string }>();
  readonly #known: Map<ResponseItem, SentOutput>;
  #seen = 0;

  /** `known` holds the outputs by their items over all histories, so that each is counted as one. */
  constructor(fields: RequestFields, known: Map<ResponseItem, SentOutput>) {
    this.#known = known;
    this.#add("instructions", fields.instructions.length / ROUGH_CHARACTERS);
    for (const tool of fields.tools) this.#add("tool definitions", estimatePiece(tool));
  }

  /** Takes in what was added to the history since the last call. */
  follow(input: readonly ResponseItem[]): void {
    for (; this.#seen < input.length; this.#seen++) {
      const item = input[this.#seen];
      if (item !== undefined) this.#take(item);
    }
  }

  #take(item: ResponseItem): void {
    const tokens = estimatePiece(item);
    if (isToolCall(item)) {
      const text = item.type === "function_call" ? item.arguments : item.input;
      this.#calls.set(item.call_id, { name: item.name, what: commandOf(text) ?? item.name });
      this.#add(`calls of ${item.name}`, tokens);
    } else if (isToolOutput(item)) {
      const call = this.#calls.get(item.call_id);
      this.#add(`output of ${call?.name ?? "a tool"}`, tokens);
      const output = this.#known.get(item) ?? {
        what: call?.what ?? "a tool",
        tokens: Math.ceil(tokens),
        requests: 0,
      };
      this.#known.set(item, output);
      this.outputs.push(output);
    } else {
      this.#add(sourceOf(item), tokens);
    }
  }

  #add(source: Source, tokens: number): void {
    this.weights.set(source, (this.weights.get(source) ?? 0) + tokens);
  }
}

function sourceOf(item: Exclude<ResponseItem, { type: "function_call" }>): Source {
  if (item.type === "reasoning") return "reasoning";
  if (item.type !== "message") return item.type;
  if (item.role === "assistant") return "answers";
  const text = messageText(item);
  const context = CONTEXT_SOURCES.find(([tag]) => text.startsWith(tag));
  if (context !== undefined) return context[1];
  return item.role === "user" ? "user messages" : `${item.role} messages`;
}

/** The command that a call runs, where it is one. */
function commandOf(text: string): string | null {
  try {
    const args: unknown = JSON.parse(text);
    if (typeof args !== "object" || args === null || !("cmd" in args)) return null;
    return typeof args.cmd === "string" ? args.cmd : null;
  } catch {
    // A freeform tool's text, or arguments that the model got wrong.
    return null;
  }
}

/** Splits a count by weights. The parts add up to the count. */
export function shared(count: number, weights: ReadonlyMap<Source, number>): Map<Source, number> {
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const exact = [...weights].map(([source, weight]) => {
    const part = total === 0 ? 0 : (count * weight) / total;
    return { source, whole: Math.floor(part), rest: part - Math.floor(part) };
  });
  let left = count - exact.reduce((sum, { whole }) => sum + whole, 0);
  for (const part of [...exact].sort((a, b) => b.rest - a.rest)) {
    if (left <= 0) break;
    part.whole += 1;
    left -= 1;
  }
  return new Map(exact.map(({ source, whole }) => [source, whole]));
}
