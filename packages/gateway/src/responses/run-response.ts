import type { ModelEvent, ModelRequest } from "@quire/models";
import { addUsage, type ErrorInfo, type ResponseItem, type TokenUsage } from "@quire/protocol";
import type { ResolvedUpstream } from "../upstream/model-router.ts";
import { noLogprobs } from "../wire/logprobs.ts";
import type { HostedTool } from "./hosted-tool.ts";
import type { ResponseWriter } from "./response-writer.ts";

/** Model calls that one response may make to use hosted tools. The last is made without them, so that it must answer. */
const MAX_ROUNDS = 24;

export interface ResponseJob {
  upstream: ResolvedUpstream;
  /** `input` is what came before; the job appends what it produces. */
  request: ModelRequest;
  hosted: readonly HostedTool[];
  maxToolCalls: number;
  writer: ResponseWriter;
  /** Whether somebody may be reading the events; what was shown cannot be taken back. */
  streamed: boolean;
  /** Whether a failed call is tried again here. Callers that wait have retries of their own. */
  retries: boolean;
  /** Called at the first sign of the model, and never when the job failed before. */
  onFirstSign: () => void;
  onUsage: (usage: TokenUsage | null, outcome: "completed" | "failed" | "cut") => void;
}

export type RunOutcome =
  | { kind: "completed"; usage: TokenUsage | null; model: string | null }
  | { kind: "incomplete"; usage: TokenUsage | null; reason: string }
  | { kind: "failed"; usage: TokenUsage | null; error: ErrorInfo };

/** Runs a response to its end: model calls, and between them the tools that the gateway serves itself. */
export async function runResponse(job: ResponseJob, signal: AbortSignal): Promise<RunOutcome> {
  const input: ResponseItem[] = [...job.request.input];
  let usage: TokenUsage | null = null;
  let toolCalls = 0;
  for (let round = 1; ; round++) {
    const spent = round >= MAX_ROUNDS || toolCalls >= job.maxToolCalls;
    const from = job.writer.produced.length;
    const call = await callModel(job, requestOf(job, input, { round, spent }), signal);
    usage = sum(usage, call.usage, round);
    if (call.kind !== "completed") return { ...call, usage };
    const calls = job.writer.hostedCalls();
    if (calls.length === 0 || spent) return { ...call, usage };
    const outputs: ResponseItem[] = [];
    for (const hosted of calls) {
      const tool = job.hosted.find((candidate) => candidate.spec.name === hosted.name);
      toolCalls += 1;
      const output =
        tool === undefined || toolCalls > job.maxToolCalls
          ? "Not run: the limit of tool calls for this response is reached."
          : await tool.run(hosted, job.writer, signal);
      outputs.push({ type: "function_call_output", call_id: hosted.call_id, output });
    }
    if (signal.aborted) return { kind: "failed", usage, error: INTERRUPTED };
    const waitsForClient = job.writer.hasClientCalls();
    job.writer.produced.push(...outputs);
    input.push(...job.writer.produced.slice(from));
    if (waitsForClient) return { ...call, usage };
  }
}

const INTERRUPTED: ErrorInfo = {
  code: "interrupted",
  message: "The response was cancelled.",
  retryable: true,
};

/** A forced call is forced once: with its output at hand the model has to be able to answer. */
function requestOf(
  job: ResponseJob,
  input: readonly ResponseItem[],
  { round, spent }: { round: number; spent: boolean },
): ModelRequest {
  const { toolChoice, ...request } = job.request;
  const hosted = new Set(job.hosted.map((tool) => tool.spec.name));
  const tools = spent ? request.tools.filter((tool) => !hosted.has(tool.name)) : request.tools;
  const choice = toolChoice !== undefined && (round === 1 || toolChoice === "none") && tools.length > 0;
  return { ...request, input, tools, ...(choice ? { toolChoice } : {}) };
}

/** Unknown plus anything is unknown. */
function sum(before: TokenUsage | null, call: TokenUsage | null, round: number): TokenUsage | null {
  if (round === 1) return call;
  return before === null || call === null ? null : addUsage(before, call);
}

type CallOutcome = RunOutcome;

async function callModel(job: ResponseJob, request: ModelRequest, signal: AbortSignal): Promise<CallOutcome> {
  const { writer } = job;
  writer.beginCall();
  let told = false;
  const tell = (usage: TokenUsage | null, outcome: "completed" | "failed" | "cut") => {
    if (!told) job.onUsage(usage, outcome);
    told = true;
  };
  try {
    for await (const event of job.upstream.client.stream(request, { signal })) {
      const outcome = take(job, event);
      if (outcome === null) continue;
      const cut =
        outcome.kind === "failed" && (event.type !== "failed" || outcome.error.code === "interrupted");
      tell(outcome.usage, cut ? "cut" : outcome.kind === "failed" ? "failed" : "completed");
      return outcome;
    }
  } finally {
    tell(null, "cut");
  }
  return {
    kind: "failed",
    usage: null,
    error: { code: "internal", message: "The provider's client ended without a result.", retryable: false },
  };
}

function take(job: ResponseJob, event: ModelEvent): CallOutcome | null {
  const { writer } = job;
  switch (event.type) {
    case "stalled":
      return null;
    case "retrying":
      if (!job.retries || (job.streamed && writer.touched)) {
        return { kind: "failed", usage: null, error: event.error };
      }
      writer.dropCall();
      return null;
    case "completed":
      if (job.request.logprobs !== undefined && !writer.weighed && writer.hasText()) {
        return { kind: "failed", usage: event.completion.usage, error: noLogprobs(job.upstream) };
      }
      job.onFirstSign();
      return { kind: "completed", usage: event.completion.usage, model: event.completion.model };
    case "failed":
      return event.error.code === "model_incomplete"
        ? { kind: "incomplete", usage: event.usage, reason: incompleteReason(event.error) }
        : { kind: "failed", usage: event.usage, error: event.error };
    default:
      job.onFirstSign();
      writer.modelEvent(event);
      return writer.overflowed
        ? {
            kind: "failed",
            usage: null,
            error: {
              code: "internal",
              message: "The response is larger than the gateway keeps.",
              retryable: false,
            },
          }
        : null;
  }
}

/** The endpoint's own word for why it stopped; the providers keep it in the details of the error. */
export function incompleteReason(error: ErrorInfo): string {
  return /^reason: ([\w-]+)$/m.exec(error.details ?? "")?.[1] ?? "max_output_tokens";
}
