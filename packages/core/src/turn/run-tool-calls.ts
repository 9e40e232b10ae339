import {
  type ErrorCode,
  errorInfoOf,
  type ThreadItem,
  type ToolCall,
  type ToolOutputBody,
} from "@quire/protocol";
import type { Permit, ReadyCall, Tool, ToolContext } from "@quire/tools";
import { type ApprovalDecision, judge } from "./judge.ts";
import type { TurnContext } from "./turn-context.ts";

/** Calls that run beside each other at most; more wait their turn. */
const MAX_PARALLEL_CALLS = 16;

/**
 * Runs the calls of one response and writes their answers to the history in the order of the calls, so that the next
 * request does not depend on which command was quicker. Calls of tools that are not `parallel` run alone.
 */
export async function runToolCalls(turn: TurnContext, calls: readonly ToolCall[]): Promise<void> {
  let index = 0;
  while (index < calls.length) {
    const batch = nextBatch(turn, calls, index);
    const outputs = await Promise.all(batch.map((call) => runOne(turn, call)));
    turn.parts.record.addHistory(batch.map((call, at) => answer(call, outputs[at] ?? "")));
    index += batch.length;
  }
}

/** The item that answers a call; each kind of call has its own kind of answer. */
export function answer(call: ToolCall, output: ToolOutputBody) {
  return call.type === "function_call"
    ? ({ type: "function_call_output", call_id: call.call_id, output } as const)
    : ({ type: "custom_tool_call_output", call_id: call.call_id, output } as const);
}

function nextBatch(turn: TurnContext, calls: readonly ToolCall[], from: number): ToolCall[] {
  const batch: ToolCall[] = [];
  for (let index = from; index < calls.length && batch.length < MAX_PARALLEL_CALLS; index++) {
    const call = calls[index];
    if (!call) break;
    const parallel = turn.settings.parallelToolCalls && (toolFor(turn, call)?.parallel ?? true);
    if (!parallel) return batch.length > 0 ? batch : [call];
    batch.push(call);
  }
  return batch;
}

function toolFor(turn: TurnContext, call: ToolCall): Tool | undefined {
  return turn.parts.tools.find((tool) => tool.spec.name === call.name);
}

async function runOne(turn: TurnContext, call: ToolCall): Promise<ToolOutputBody> {
  const tool = toolFor(turn, call);
  if (!tool) {
    const names = turn.parts.tools.map((known) => known.spec.name).join(", ");
    return refuse(turn, call, "tool_unknown", `There is no tool "${call.name}". Available tools: ${names}.`);
  }
  if (turn.signal.aborted)
    return refuse(turn, call, "interrupted", "Not run: the user interrupted the turn.");
  const context = toolContext(turn);
  const invocation =
    call.type === "function_call"
      ? ({ callId: call.call_id, input: call.arguments, form: "function" } as const)
      : ({ callId: call.call_id, input: call.input, form: "freeform" } as const);
  try {
    const prepared = await tool.prepare(invocation, context);
    if (prepared.kind === "invalid") return refuse(turn, call, prepared.code, prepared.message);
    return await judgeAndRun(turn, call, prepared);
  } catch (thrown) {
    const error = errorInfoOf(thrown);
    if (error.code.startsWith("storage_")) throw thrown;
    return refuse(turn, call, "tool_failed", `The tool ${call.name} failed: ${error.message}`);
  }
}

async function judgeAndRun(turn: TurnContext, call: ToolCall, prepared: ReadyCall): Promise<ToolOutputBody> {
  const verdict = judge(prepared.effects, turn.settings);
  if (verdict.kind === "refuse") return decline(turn, prepared.item, verdict.code, verdict.message);
  let permit: Permit = { sandbox: "session" };
  if (verdict.kind === "allow") permit = verdict.permit;
  else {
    const decision = await ask(turn, call, verdict);
    if (decision === "decline" || decision === "cancel") {
      return decline(
        turn,
        prepared.item,
        "command_declined",
        "The user declined this. Do not try it again another way.",
      );
    }
    permit = { sandbox: "unconfined" };
  }
  const { record } = turn.parts;
  record.itemStarted(turn.turnId, prepared.item);
  const result = await prepared.run(permit);
  record.itemCompleted(turn.turnId, result.item);
  for (const { code, message } of result.notices ?? []) {
    record.itemCompleted(turn.turnId, { type: "warning", id: turn.parts.newId(), code, message });
  }
  if (result.item.type === "todoList") {
    record.publish({
      method: "turn/plan/updated",
      params: {
        threadId: record.threadId,
        turnId: turn.turnId,
        explanation: result.item.explanation,
        plan: result.item.steps,
      },
    });
  }
  return result.output;
}

async function ask(
  turn: TurnContext,
  call: ToolCall,
  question: { effect: ReadyCall["effects"][number]; reason: string },
): Promise<ApprovalDecision> {
  const { approver, record } = turn.parts;
  if (!approver) return "decline";
  return approver(
    { threadId: record.threadId, turnId: turn.turnId, itemId: call.call_id, ...question },
    { signal: turn.signal },
  );
}

function toolContext(turn: TurnContext): ToolContext {
  const { record } = turn.parts;
  const at = { threadId: record.threadId, turnId: turn.turnId };
  return {
    cwd: turn.settings.cwd,
    signal: turn.signal,
    monotonicMs: turn.parts.monotonicMs,
    update: (item) => record.publish({ method: "item/updated", params: { ...at, item } }),
    outputDelta: (itemId, delta) =>
      record.publish({ method: "item/commandExecution/outputDelta", params: { ...at, itemId, delta } }),
  };
}

/** A call that never got as far as an item of its own is still shown, with its code. */
function refuse(turn: TurnContext, call: ToolCall, code: ErrorCode, message: string): string {
  turn.parts.record.itemCompleted(turn.turnId, {
    type: "toolCall",
    id: call.call_id,
    tool: call.name,
    arguments: (call.type === "function_call" ? call.arguments : call.input).slice(0, 2000),
    status: "failed",
    output: null,
    error: { code, message, retryable: false },
  });
  return message;
}

function decline(turn: TurnContext, item: ThreadItem, code: ErrorCode, message: string): string {
  const declined = "status" in item ? { ...item, status: "declined" as const } : item;
  turn.parts.record.itemCompleted(
    turn.turnId,
    "error" in declined ? { ...declined, error: { code, message, retryable: false } } : declined,
  );
  return message;
}
