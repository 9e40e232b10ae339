import {
  type ErrorCode,
  errorInfoOf,
  type ThreadItem,
  type ToolCall,
  type ToolOutputBody,
} from "@quire/protocol";
import type { Permit, ReadyCall, Tool, ToolContext, ToolResult } from "@quire/tools";
import { judge } from "../approvals/judge.ts";
import type { HookVerdict } from "../hooks/hook-output.ts";
import { refusedInPlanMode } from "../plan-mode/refused-calls.ts";
import { ask, questionAfterDenial } from "./ask.ts";
import { logNetworkAccess, withRefusedHosts } from "./network-access.ts";
import { afterTool, beforeTool, permissionHooks, questionAbout } from "./tool-hooks.ts";
import type { TurnContext } from "./turn-context.ts";

/** Models know it; a thread has it where its client can ask somebody. */
const USER_INPUT_TOOL = "request_user_input";

export function toolFor(turn: TurnContext, call: ToolCall): Tool | undefined {
  return turn.parts.tools.find((tool) => tool.spec.name === call.name);
}

/** One call from its text to its answer. Whatever is wrong with it becomes an item with a code and words for the model. */
export async function runOneCall(turn: TurnContext, asked: ToolCall): Promise<ToolOutputBody> {
  const hooked = await beforeTool(turn, asked);
  if (hooked.kind === "blocked") return refuse(turn, asked, "hook_blocked", hooked.message);
  const made = { yes: false };
  const output = await runHookedCall(turn, hooked.call, hooked.permission, made);
  return made.yes ? afterTool(turn, hooked.call, output) : output;
}

async function runHookedCall(
  turn: TurnContext,
  call: ToolCall,
  permission: HookVerdict["permission"],
  /** Set when the tool runs, however it ends. */
  made: { yes: boolean },
): Promise<ToolOutputBody> {
  const tool = toolFor(turn, call);
  if (!tool && call.name === USER_INPUT_TOOL) {
    const message = `${USER_INPUT_TOOL} was not run: nobody can be asked here. Decide yourself and say what you assumed.`;
    return refuse(turn, call, "tool_unknown", message);
  }
  if (!tool) {
    const names = turn.parts.tools.map((known) => known.spec.name).join(", ");
    return refuse(turn, call, "tool_unknown", `There is no tool "${call.name}". Available tools: ${names}.`);
  }
  const refused = turn.settings.planMode === true ? refusedInPlanMode(call.name) : null;
  if (refused !== null) return refuse(turn, call, "command_denied", refused);
  if (turn.signal.aborted)
    return refuse(turn, call, "interrupted", "Not run: the user interrupted the turn.");
  const invocation =
    call.type === "function_call"
      ? ({ callId: call.call_id, input: call.arguments, form: "function" } as const)
      : ({ callId: call.call_id, input: call.input, form: "freeform" } as const);
  try {
    const prepared = await tool.prepare(invocation, toolContext(turn));
    if (prepared.kind === "invalid") return refuse(turn, call, prepared.code, prepared.message);
    const marker = changesThings(prepared) ? turn.parts.redactor.findMarker(invocation.input) : null;
    if (marker !== null) return decline(turn, prepared.item, "tool_bad_arguments", hiddenFromYou(marker));
    return await judgeAndRun(turn, noting(prepared, made), { call, permission });
  } catch (thrown) {
    const error = errorInfoOf(thrown);
    if (error.code.startsWith("storage_")) throw thrown;
    return refuse(turn, call, "tool_failed", `The tool ${call.name} failed: ${error.message}`);
  }
}

function noting(prepared: ReadyCall, made: { yes: boolean }): ReadyCall {
  const run = (permit: Permit) => {
    made.yes = true;
    return prepared.run(permit);
  };
  return { ...prepared, run };
}

function changesThings(prepared: ReadyCall): boolean {
  return prepared.effects.some(
    (effect) =>
      effect.kind === "write" || effect.kind === "command" || (effect.kind === "mcp" && !effect.readOnly),
  );
}

/** Written back, a marker would take the place of the secret in the file. */
function hiddenFromYou(marker: string): string {
  return `Not run: ${marker} stands for a secret that was hidden from you; it is not the text of the file. Leave that line out: choose context lines around it, or a smaller change, and never write the marker into a file or a command.`;
}

async function judgeAndRun(
  turn: TurnContext,
  prepared: ReadyCall,
  { call, permission }: { call: ToolCall; permission: HookVerdict["permission"] },
): Promise<ToolOutputBody> {
  const { settings, parts } = turn;
  const verdict = await judge(prepared.effects, {
    ...parts.policy,
    sandboxMode: settings.sandboxMode,
    approvalPolicy: settings.approvalPolicy,
    attended: parts.approver !== null,
    ...(settings.planMode === true ? { planning: true } : {}),
    ...(settings.ruleBook === undefined ? {} : { binding: settings.ruleBook.rules }),
  });
  if (verdict.kind === "refuse") return decline(turn, prepared.item, verdict.code, verdict.message);
  const question = questionAbout(prepared, verdict, permission);
  if (question === null)
    return run(turn, prepared, verdict.kind === "allow" ? verdict.permit : verdict.question.permit);
  const { record } = parts;
  const said = permission === "allow" ? permission : await permissionHooks(turn, call, question.reason);
  if (said !== null && said !== "allow") return decline(turn, prepared.item, "hook_blocked", said.denied);
  if (said === "allow") return run(turn, prepared, question.permit);
  record.announceStarted(turn.turnId, prepared.item);
  const answer = await ask(turn, prepared.item, question);
  if (!answer.granted) return decline(turn, prepared.item, "command_declined", answer.message);
  return run(turn, prepared, question.permit);
}

async function run(turn: TurnContext, prepared: ReadyCall, permit: Permit): Promise<ToolOutputBody> {
  const { record } = turn.parts;
  record.itemStarted(turn.turnId, prepared.item);
  turn.inForeground.add(prepared.item.id);
  try {
    await turn.ruleWatch?.before(prepared.effects, turn.signal);
    let result = await prepared.run(permit);
    const refused = logNetworkAccess(turn, prepared.item.id);
    const question = questionAfterDenial(turn, prepared, permit, result, refused.length > 0);
    if (question) {
      const answer = await ask(turn, prepared.item, question);
      if (answer.granted) result = await prepared.run(question.permit);
    }
    complete(turn, result);
    if (result.success) turn.ruleWatch?.succeeded(prepared.effects);
    return withRefusedHosts(result.output, refused);
  } finally {
    turn.inForeground.delete(prepared.item.id);
  }
}

function complete(turn: TurnContext, result: ToolResult): void {
  const { record } = turn.parts;
  const { item } = result;
  // A command that runs on in the background is only complete when it has ended; the thread is told then.
  if ("status" in item && item.status === "inProgress") {
    record.publish({
      method: "item/updated",
      params: { threadId: record.threadId, turnId: turn.turnId, item },
    });
  } else record.itemCompleted(turn.turnId, item);
  for (const { code, message } of result.notices ?? []) {
    record.itemCompleted(turn.turnId, { type: "warning", id: turn.parts.newId(), code, message });
  }
  if (item.type !== "todoList") return;
  record.publish({
    method: "turn/plan/updated",
    params: {
      threadId: record.threadId,
      turnId: turn.turnId,
      explanation: item.explanation,
      plan: item.steps,
    },
  });
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
    terminalInput: (itemId, processId, stdin) =>
      record.publish({
        method: "item/commandExecution/terminalInteraction",
        params: { ...at, itemId, processId, stdin },
      }),
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
