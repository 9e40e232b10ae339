import type { ModelClient, ModelEvent, ModelRequest, ToolSpec } from "@quire/models";
import { NO_USAGE, type ResponseItem, type ToolCall, textMessage } from "@quire/protocol";
import { answerAsJson, renderAnswer } from "./flow/answer.ts";
import { CALL_PREFIX, PLAN_SUFFIX, readConversation } from "./flow/conversation.ts";
import { repair } from "./flow/repair.ts";
import { TurnReplay } from "./flow/replay.ts";
import type { Answer, Call, Step } from "./flow/step.ts";

/** Options of the embedded engine. */
export interface OfflineRepairDeps {
  /** Seconds that a turn may spend on running and searching; default 60. The task may name another number. */
  seconds?: number;
}

const DEFAULT_SECONDS = 60;
const WITH_PLAN = "plan";
const PROVIDER = "offline-repair";

/**
 * The embedded repair engine as a model. A response depends on `request.input`, `tools`, `outputSchema` and `jsonObject` alone: no
 * clock, no randomness, no I/O. It needs an `exec_command` tool; `write_stdin`, `update_plan` and `apply_patch` are
 * used when offered. It reads and writes no tokens, so every response says 0: that is known, not unknown.
 */
export function createOfflineRepairClient(deps: OfflineRepairDeps = {}): ModelClient {
  const seconds = deps.seconds ?? DEFAULT_SECONDS;
  const turns = new TurnReplay((task, variant) => repair(task, { seconds, canPlan: variant === WITH_PLAN }));
  return {
    provider: PROVIDER,
    stream: (request, { signal }) => respond(request, turns, signal),
    close() {},
  };
}

async function* respond(
  request: ModelRequest,
  turns: TurnReplay,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  if (signal.aborted) {
    yield {
      type: "failed",
      error: { code: "interrupted", message: "The offline repair engine was interrupted.", retryable: false },
      usage: NO_USAGE,
    };
    return;
  }
  try {
    for (const item of nextItems(request, turns)) yield* eventsOf(item);
    yield { type: "completed", completion: { responseId: null, usage: NO_USAGE, model: PROVIDER } };
  } catch (thrown) {
    const message = `The offline repair engine failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    const details = thrown instanceof Error ? thrown.stack : undefined;
    yield {
      type: "failed",
      error: { code: "internal", message, retryable: false, ...(details === undefined ? {} : { details }) },
      usage: NO_USAGE,
    };
  }
}

/** The items of the next response: the turn, brought to where the calls that have run leave it. */
function nextItems(request: ModelRequest, turns: TurnReplay): ResponseItem[] {
  const conversation = readConversation(request.input);
  const serial = request.input.length;
  if (!request.tools.some((tool) => tool.name === "exec_command")) {
    const answer: Answer = {
      kind: "declined",
      text: "I work by running commands, and no `exec_command` tool is offered here.",
    };
    return [finalMessage(answer, request, serial)];
  }
  const canPlan = request.tools.some((tool) => tool.name === "update_plan");
  const next = turns.next(conversation, canPlan ? WITH_PLAN : "");
  return "kind" in next ? [finalMessage(next, request, serial)] : itemsOfStep(next, request.tools, serial);
}

/** What an answer becomes where any JSON object will do. */
const ANSWER_OBJECT = { type: "object", properties: { answer: { type: "string" } } };

function finalMessage(answer: Answer, request: ModelRequest, serial: number): ResponseItem {
  const schema = request.outputSchema ?? (request.jsonObject ? ANSWER_OBJECT : undefined);
  const json = schema === undefined ? null : answerAsJson(answer, schema);
  const note = schema !== undefined && json === null ? "\nI cannot answer in the requested JSON form." : "";
  return {
    ...textMessage("assistant", json ?? renderAnswer(answer) + note),
    id: `msg_${CALL_PREFIX}${serial}`,
  };
}

function itemsOfStep(step: Step, tools: readonly ToolSpec[], serial: number): ResponseItem[] {
  const items: ResponseItem[] = [];
  const id = (kind: string) => `${kind}_${CALL_PREFIX}${serial}`;
  if (step.think !== undefined)
    items.push({ type: "reasoning", id: id("rs"), summary: [{ type: "summary_text", text: step.think }] });
  if (step.say !== undefined) items.push({ ...textMessage("assistant", step.say), id: id("msg") });
  if (step.plan !== undefined && tools.some((tool) => tool.name === "update_plan"))
    items.push(functionCall(CALL_PREFIX + serial + PLAN_SUFFIX, "update_plan", { plan: step.plan }));
  items.push(toolCall(step.call, tools, `${CALL_PREFIX}${serial}`));
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

/** Longest single wait of a command; polls wait as long. */
const YIELD_MS = 30_000;

function toolCall(call: Call, tools: readonly ToolSpec[], callId: string): ToolCall {
  if (call.kind === "command")
    return functionCall(callId, "exec_command", {
      cmd: call.command,
      yield_time_ms: YIELD_MS,
      max_output_tokens: call.outputTokens,
    });
  if (call.kind === "poll")
    return functionCall(callId, "write_stdin", {
      session_id: call.sessionId,
      chars: "",
      yield_time_ms: YIELD_MS,
      max_output_tokens: call.outputTokens,
    });
  if (call.kind === "plan") return functionCall(callId, "update_plan", { plan: call.plan });
  const tool = tools.find((one) => one.name === "apply_patch");
  if (tool?.kind === "freeform")
    return {
      type: "custom_tool_call",
      id: `ctc_${callId}`,
      call_id: callId,
      name: "apply_patch",
      input: call.patch,
    };
  if (tool?.kind === "function")
    return functionCall(callId, "apply_patch", { [soleArgument(tool.parameters)]: call.patch });
  return functionCall(callId, "exec_command", {
    cmd: `apply_patch <<'QUIRE_PATCH'\n${call.patch}QUIRE_PATCH`,
    yield_time_ms: YIELD_MS,
  });
}

function soleArgument(parameters: unknown): string {
  const properties =
    parameters !== null && typeof parameters === "object" && "properties" in parameters
      ? parameters.properties
      : null;
  return (
    (properties !== null && typeof properties === "object" ? Object.keys(properties)[0] : undefined) ??
    "input"
  );
}

/** An item as a stream: announced, its text in one delta for each line, finished. */
function* eventsOf(item: ResponseItem): Iterable<ModelEvent> {
  const itemId = "id" in item && typeof item.id === "string" ? item.id : "item";
  if (item.type === "message") {
    const text = item.content.map((part) => ("text" in part ? part.text : "")).join("");
    yield { type: "item_started", itemId, item: textMessage("assistant", "") };
    for (const delta of text.split(/(?<=\n)/)) yield { type: "text_delta", itemId, delta };
  } else if (item.type === "reasoning") {
    yield { type: "item_started", itemId, item: { ...item, summary: [] } };
    for (const part of item.summary)
      yield { type: "reasoning_delta", itemId, summaryIndex: 0, delta: part.text };
  } else {
    yield { type: "item_started", itemId, item };
  }
  yield { type: "item_done", item };
}
