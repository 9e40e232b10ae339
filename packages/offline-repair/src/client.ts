import type { ModelClient, ModelEvent, ModelRequest, ToolSpec } from "@quire/models";
import {
  CodedError,
  type ErrorCode,
  messageText,
  NO_USAGE,
  type ResponseItem,
  type ToolCall,
  textMessage,
} from "@quire/protocol";
import { answerAsJson, renderAnswer } from "./flow/answer.ts";
import { CALL_PREFIX, PLAN_SUFFIX, readConversation } from "./flow/conversation.ts";
import { repair } from "./flow/repair.ts";
import { createReplay } from "./flow/replay.ts";
import type { Answer, Call, Step } from "./flow/step.ts";
import { YIELD_MS } from "./flow/turn.ts";
import { loadGrammars } from "./source/grammars.ts";

/** Options of the embedded engine. */
export interface OfflineRepairDeps {
  /** Seconds that a turn may spend on running and searching; default 60. The task may name another number. */
  seconds?: number;
}

const DEFAULT_SECONDS = 60;
const PROVIDER = "offline-repair";

/**
 * The embedded repair engine as a model. A response depends on `request.input`, `tools`, `outputSchema` and `jsonObject`
 * alone: no clock, no randomness, and no I/O but the grammars, which are read once. It needs an `exec_command` tool;
 * `write_stdin`, `update_plan` and a freeform `apply_patch` are used when offered. It reads and writes no tokens, so every
 * response says 0: that is known, not unknown.
 */
export function createOfflineRepairClient({
  seconds = DEFAULT_SECONDS,
}: OfflineRepairDeps = {}): ModelClient {
  const replay = createReplay(repair);
  return {
    provider: PROVIDER,
    stream: (request, { signal }) =>
      respond(request, signal, (tools) => {
        const canPlan = tools.some(({ name }) => name === "update_plan");
        return replay(readConversation(request.input), { seconds, canPlan });
      }),
    close() {},
  };
}

async function* respond(
  request: ModelRequest,
  signal: AbortSignal,
  nextStep: (tools: readonly ToolSpec[]) => Step | Answer,
): AsyncGenerator<ModelEvent> {
  const failure = (code: ErrorCode, message: string, details?: string): ModelEvent => ({
    type: "failed",
    error: { code, message, retryable: false, ...(details === undefined ? {} : { details }) },
    usage: NO_USAGE,
  });
  if (signal.aborted) return yield failure("interrupted", "The offline repair engine was interrupted.");
  try {
    await loadGrammars(); // the turn itself waits for nothing
    const canRun = request.tools.some(({ name }) => name === "exec_command");
    const next: Step | Answer = canRun ? nextStep(request.tools) : NO_TOOL;
    const items = "kind" in next ? [finalMessage(next, request)] : itemsOfStep(next, request);
    for (const item of items) yield* eventsOf(item);
    yield { type: "completed", completion: { responseId: null, usage: NO_USAGE, model: PROVIDER } };
  } catch (thrown) {
    if (thrown instanceof CodedError) return yield { type: "failed", error: thrown.info, usage: NO_USAGE };
    const { message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
    yield failure("internal", `The offline repair engine failed: ${message}`, stack);
  }
}

const NO_TOOL: Answer = {
  kind: "declined",
  text: "I work by running commands, and no `exec_command` tool is offered here.",
};

/** What an answer becomes where any JSON object will do. */
const ANSWER_OBJECT = { type: "object", properties: { answer: { type: "string" } } };

/** Names what a response makes: the number of items before it is another one for every response of a thread. */
function idFor({ input }: ModelRequest, kind = ""): string {
  return `${kind}${CALL_PREFIX}${input.length}`;
}

function finalMessage(answer: Answer, request: ModelRequest): ResponseItem {
  const schema = request.outputSchema ?? (request.jsonObject ? ANSWER_OBJECT : undefined);
  const json = schema === undefined ? null : answerAsJson(answer, schema);
  const note = schema !== undefined && json === null ? "\nI cannot answer in the requested JSON form." : "";
  return { ...textMessage("assistant", json ?? renderAnswer(answer) + note), id: idFor(request, "msg_") };
}

const PLAN = [
  "Find and run the tests",
  "Locate the suspicious lines",
  "Search for a small edit that makes the failing tests pass",
  "Apply the edit",
  "Run the tests again",
];

function itemsOfStep({ say, plan, call }: Step, request: ModelRequest): ResponseItem[] {
  const items: ResponseItem[] = [];
  const callId = idFor(request);
  if (say !== undefined) items.push({ ...textMessage("assistant", say), id: idFor(request, "msg_") });
  if (plan !== undefined && request.tools.some(({ name }) => name === "update_plan")) {
    const statusOf = (step: number) =>
      step < plan ? "completed" : step === plan ? "in_progress" : "pending";
    const entries = PLAN.map((step, number) => ({ step, status: statusOf(number) }));
    items.push(
      functionCall(call === undefined ? callId : callId + PLAN_SUFFIX, "update_plan", { plan: entries }),
    );
  }
  if (call !== undefined) items.push(toolCall(call, request.tools, callId));
  return items;
}

function functionCall(callId: string, name: string, values: object): ToolCall {
  return {
    type: "function_call",
    id: `fc_${callId}`,
    call_id: callId,
    name,
    arguments: JSON.stringify(values),
  };
}

function toolCall(call: Call, tools: readonly ToolSpec[], callId: string): ToolCall {
  if (call.tool !== "apply_patch") return functionCall(callId, call.tool, call.values);
  if (tools.some(({ name, kind }) => name === "apply_patch" && kind === "freeform"))
    return {
      type: "custom_tool_call",
      id: `ctc_${callId}`,
      call_id: callId,
      name: call.tool,
      input: call.patch,
    };
  const cmd = `apply_patch <<'QUIRE_PATCH'\n${call.patch}QUIRE_PATCH`;
  return functionCall(callId, "exec_command", { cmd, yield_time_ms: YIELD_MS });
}

/** An item as a stream: announced, its text in one delta for each line, finished. */
function* eventsOf(item: ResponseItem): Iterable<ModelEvent> {
  const itemId = "id" in item && typeof item.id === "string" ? item.id : "item";
  if (item.type === "message") {
    yield { type: "item_started", itemId, item: textMessage("assistant", "") };
    for (const delta of messageText(item).split(/(?<=\n)/)) yield { type: "text_delta", itemId, delta };
  } else {
    yield { type: "item_started", itemId, item };
  }
  yield { type: "item_done", item };
}
