import type { ToolSpec } from "../../model-client.ts";
import { type Fields, isFields } from "../../transport/json-fields.ts";
import { functionForm } from "../history/function-form.ts";
import { jsonAt, skipSpace } from "./json-at.ts";

/** A call that a model wrote into its text. */
export interface TextCall {
  name: string;
  /** JSON text. */
  arguments: string;
}

/** What was written: calls, and the text around them. */
export interface TextAndCalls {
  text: string;
  calls: readonly TextCall[];
}

/**
 * Finds calls that weak models print instead of making them: `<tool_call>{…}</tool_call>` (Hermes, Qwen), the same with
 * `<function=name><parameter=key>…` (Qwen coder), `<function=name>{…}` (Llama), `[TOOL_CALLS]` (Mistral), a fenced or
 * bare JSON object at the end of the text. It is a call only when it names an offered tool and its arguments parse; a
 * text with one part that is neither stays text as a whole, because a half-understood answer must not be acted on.
 */
export function readTextCalls(text: string, tools: readonly ToolSpec[], openJson: boolean): TextAndCalls {
  const reader = new CallReader(text, tools, openJson);
  return reader.read() ?? { text, calls: [] };
}

type Found = { calls: TextCall[]; end: number };
const BARE_JSON = /^\s*(\{|\[\s*\{)/;
const JSON_FENCE = /```(?:json|tool_call|tool_code)?[ \t]*\r?\n?/y;

class CallReader {
  readonly #text: string;
  readonly #tools: ReadonlyMap<string, ToolSpec>;
  readonly #openJson: boolean;

  constructor(text: string, tools: readonly ToolSpec[], openJson: boolean) {
    this.#text = text;
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
    this.#openJson = openJson;
  }

  read(): TextAndCalls | null {
    const calls: TextCall[] = [];
    let kept = "";
    let at = 0;
    const opening = /<tool_call>|<function=|\[TOOL_CALLS\]|<\|python_tag\|>|```/g;
    const bare = skipSpace(this.#text, 0);
    if (this.#openJson && BARE_JSON.test(this.#text)) {
      const found = this.#json(bare);
      if (found === null || skipSpace(this.#text, found.end) < this.#text.length) return null;
      return { text: "", calls: found.calls };
    }
    for (let match = opening.exec(this.#text); match !== null; match = opening.exec(this.#text)) {
      const found = this.#at(match.index, match[0]);
      if (found === null) {
        if (match[0] !== "```") return null;
        continue;
      }
      kept += this.#text.slice(at, match.index);
      calls.push(...found.calls);
      at = found.end;
      opening.lastIndex = at;
    }
    if (calls.length === 0) return null;
    return { text: (kept + this.#text.slice(at)).trim(), calls };
  }

  #at(index: number, opening: string): Found | null {
    const start = index + opening.length;
    switch (opening) {
      case "<tool_call>":
        return this.#tagged(start);
      case "<function=":
        return this.#functionTag(index);
      case "[TOOL_CALLS]":
        return this.#mistral(start);
      case "<|python_tag|>":
        return this.#json(skipSpace(this.#text, start));
      default:
        return this.#fenced(index);
    }
  }

  #tagged(start: number): Found | null {
    const inner = skipSpace(this.#text, start);
    const found = this.#text.startsWith("<function=", inner) ? this.#functionTag(inner) : this.#json(inner);
    if (found === null) return null;
    return { ...found, end: this.#behind(found.end, "</tool_call>") };
  }

  #functionTag(index: number): Found | null {
    const close = this.#text.indexOf(">", index);
    if (close === -1) return null;
    const name = this.#text.slice(index + "<function=".length, close).trim();
    const tool = this.#tools.get(name);
    if (tool === undefined) return null;
    const inner = skipSpace(this.#text, close + 1);
    const json = jsonAt(this.#text, inner);
    if (json !== null) {
      const call = this.#call(name, json.value);
      return call && { calls: [call], end: this.#behind(json.end, "</function>") };
    }
    const end = this.#text.indexOf("</function>", inner);
    if (end === -1) return null;
    const values = parameters(this.#text.slice(inner, end), tool);
    return (
      values && { calls: [{ name, arguments: JSON.stringify(values) }], end: end + "</function>".length }
    );
  }

  /** `[TOOL_CALLS][{…}]`, or `[TOOL_CALLS]name{…}`, with `[ARGS]` between in the newest form. */
  #mistral(start: number): Found | null {
    const inner = skipSpace(this.#text, start);
    if ("[{".includes(this.#text[inner] ?? " ")) return this.#json(inner);
    const match = /([\w.-]+)(?:\[CALL_ID\][\w-]+)?(?:\[ARGS\])?\s*/y;
    match.lastIndex = inner;
    const name = match.exec(this.#text)?.[1];
    const json = name === undefined ? null : jsonAt(this.#text, match.lastIndex);
    const call = name === undefined || json === null ? null : this.#call(name, json.value);
    return call && json && { calls: [call], end: json.end };
  }

  /** A fence counts only as the last thing that is said, or before another call: in the middle it is an example. */
  #fenced(index: number): Found | null {
    if (!this.#openJson) return null;
    JSON_FENCE.lastIndex = index;
    if (!JSON_FENCE.test(this.#text)) return null;
    const found = this.#json(skipSpace(this.#text, JSON_FENCE.lastIndex));
    if (found === null) return null;
    const end = skipSpace(this.#text, this.#behind(found.end, "```"));
    const last = end >= this.#text.length || this.#text.startsWith("```", end);
    return last ? { ...found, end } : null;
  }

  #json(start: number): Found | null {
    const json = jsonAt(this.#text, start);
    if (json === null) return null;
    const values: readonly unknown[] = Array.isArray(json.value) ? json.value : [json.value];
    const calls = values.map((value) => this.#namedCall(value));
    if (calls.length === 0 || calls.some((call) => call === null)) return null;
    return { calls: calls.filter((call) => call !== null), end: json.end };
  }

  #namedCall(value: unknown): TextCall | null {
    if (!isFields(value)) return null;
    const call: Fields = isFields(value.function) ? value.function : value;
    if (typeof call.name !== "string") return null;
    return this.#call(call.name, call.arguments ?? call.parameters ?? call.args);
  }

  #call(name: string, values: unknown): TextCall | null {
    if (!this.#tools.has(name)) return null;
    if (isFields(values)) return { name, arguments: JSON.stringify(values) };
    if (typeof values !== "string") return null;
    const inner = jsonAt(values, skipSpace(values, 0));
    return inner !== null && isFields(inner.value) ? { name, arguments: values } : null;
  }

  #behind(at: number, closing: string): number {
    const next = skipSpace(this.#text, at);
    return this.#text.startsWith(closing, next) ? next + closing.length : at;
  }
}

/** `<parameter=key>value</parameter>` after one another; a value is JSON where the tool's schema does not say text. */
function parameters(text: string, tool: ToolSpec): Record<string, unknown> | null {
  const schema = functionForm(tool).parameters.properties;
  const values: Record<string, unknown> = {};
  const rest = text.replace(
    /<parameter=([^>\s]+)>\r?\n?([\s\S]*?)\r?\n?<\/parameter>/g,
    (_whole, key: string, value: string) => {
      const property = isFields(schema) ? schema[key] : undefined;
      values[key] = isFields(property) && property.type === "string" ? value : parsedOr(value);
      return "";
    },
  );
  return rest.trim() === "" ? values : null;
}

function parsedOr(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    // Words without quotes are what these models write for text.
    return value;
  }
}
