import type { TokenUsage } from "@quire/protocol";
import type { CreateRequest } from "./create-request.ts";

export type ResponseStatus = "queued" | "in_progress" | "completed" | "failed" | "incomplete" | "cancelled";

const TERMINAL: ReadonlySet<string> = new Set(["completed", "failed", "incomplete", "cancelled"]);

/**
 * Whether a response will not change any more. A status that we do not know, as a later version may have written it, is
 * none of these.
 */
export function isTerminal(status: string): boolean {
  return TERMINAL.has(status);
}

/** An item of `output` or `input_items` as a client sees it. */
export type WireItem = { type: string; id: string } & Record<string, unknown>;

/** The response object of OpenAI's API, with every field that the gateway fills. */
export interface ResponseObject {
  id: string;
  object: "response";
  created_at: number;
  completed_at: number | null;
  status: ResponseStatus;
  background: boolean;
  error: { code: string; message: string } | null;
  incomplete_details: { reason: string } | null;
  instructions: string | null;
  max_output_tokens: number | null;
  max_tool_calls: number | null;
  model: string;
  output: WireItem[];
  parallel_tool_calls: boolean;
  previous_response_id: string | null;
  prompt_cache_key: string | null;
  reasoning: { effort: string | null; summary: string | null };
  safety_identifier: string | null;
  service_tier: "default";
  store: boolean;
  temperature: number | null;
  text: { format: object; verbosity: string };
  tool_choice: unknown;
  tools: readonly unknown[];
  top_logprobs: number;
  top_p: number | null;
  truncation: "disabled";
  usage: WireUsage | null;
  user: string | null;
  metadata: Record<string, string>;
}

export interface WireUsage {
  input_tokens: number;
  input_tokens_details: { cached_tokens: number };
  output_tokens: number;
  output_tokens_details: { reasoning_tokens: number };
  total_tokens: number;
}

export function newResponse(
  request: CreateRequest,
  facts: { id: string; model: string; createdAt: number; store: boolean },
): ResponseObject {
  return {
    id: facts.id,
    object: "response",
    created_at: facts.createdAt,
    completed_at: null,
    status: request.background ? "queued" : "in_progress",
    background: request.background ?? false,
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: request.max_tool_calls ?? null,
    model: facts.model,
    output: [],
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: request.previous_response_id ?? null,
    prompt_cache_key: request.prompt_cache_key ?? null,
    reasoning: {
      effort: request.reasoning?.effort ?? null,
      summary: request.reasoning?.summary ?? request.reasoning?.generate_summary ?? null,
    },
    safety_identifier: request.safety_identifier ?? null,
    service_tier: "default",
    store: facts.store,
    temperature: request.temperature ?? 1,
    text: {
      format: request.text?.format ?? { type: "text" },
      verbosity: request.text?.verbosity ?? "medium",
    },
    tool_choice: request.tool_choice ?? "auto",
    tools: request.tools ?? [],
    top_logprobs: request.top_logprobs ?? 0,
    top_p: request.top_p ?? 1,
    truncation: "disabled",
    usage: null,
    user: request.user ?? null,
    metadata: request.metadata ?? {},
  };
}

export function wireUsage(usage: TokenUsage): WireUsage {
  return {
    input_tokens: usage.input_tokens,
    input_tokens_details: { cached_tokens: usage.cached_input_tokens },
    output_tokens: usage.output_tokens,
    output_tokens_details: { reasoning_tokens: usage.reasoning_output_tokens },
    total_tokens: usage.input_tokens + usage.output_tokens,
  };
}
