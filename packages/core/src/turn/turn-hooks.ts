import { resolve } from "node:path";
import { CodedError, type ToolCall, textMessage } from "@quire/protocol";
import type { HookFacts } from "../hooks/hook-desk.ts";
import type { HookEvent } from "../hooks/hook-event.ts";
import { type HookVerdict, NO_VERDICT } from "../hooks/hook-output.ts";
import { type HookReport, hookRunSummary } from "../hooks/hook-run-summary.ts";
import type { TurnContext } from "./turn-context.ts";

/** A Stop hook that never lets go would spend the whole budget. */
const MOST_CONTINUATIONS = 8;

/** Runs the hooks of an event and shows what they did; what they block is left to the caller. */
export async function fireHooks(
  turn: TurnContext,
  event: HookEvent,
  subject: string,
  fields: Readonly<Record<string, unknown>>,
  signal: AbortSignal = turn.signal,
): Promise<HookVerdict> {
  const { hooks, record, newId } = turn.parts;
  if (!hooks?.has(event)) return NO_VERDICT;
  const { threadId } = record;
  const tell = (report: HookReport) => {
    const method = report.ended === null ? "hook/started" : "hook/completed";
    record.publish({ method, params: { threadId, turnId: turn.turnId, run: hookRunSummary(report) } });
  };
  const verdict = await hooks.fire(event, subject, factsOf(turn), record.redact(fields), signal, tell);
  for (const note of verdict.notes) {
    record.itemCompleted(turn.turnId, { type: "warning", id: newId(), ...note });
  }
  return verdict;
}

function factsOf({ turnId, settings }: TurnContext): HookFacts {
  return {
    turn_id: turnId,
    cwd: settings.cwd,
    model: settings.model,
    // As in Codex it says whether people are asked; the sandbox is there all the same.
    permission_mode: settings.approvalPolicy === "never" ? "bypassPermissions" : "default",
  };
}

/** SessionStart, at the first turn of a thread in this process; SubagentStart, at the first turn of an agent. */
export async function startHooks(turn: TurnContext): Promise<void> {
  const { hooks } = turn.parts;
  const source = hooks?.begin(factsOf(turn)) ?? null;
  if (source === null) return;
  const agent = hooks?.agent ?? null;
  // An agent that is taken up again has begun before.
  if (agent !== null && source === "resume") return;
  const verdict =
    agent === null
      ? await fireHooks(turn, "SessionStart", source, { source })
      : await fireHooks(turn, "SubagentStart", agent.type, {});
  addHookContext(turn, verdict);
  requireGoingOn(verdict);
}

/** UserPromptSubmit: fails with `hook_blocked`, and then the message is not added. */
export async function submitHooks(turn: TurnContext, prompt: string): Promise<HookVerdict> {
  // What an agent is told comes from a model, not from a user.
  if (turn.parts.hooks?.agent != null) return NO_VERDICT;
  const verdict = await fireHooks(turn, "UserPromptSubmit", "", { prompt });
  const why = verdict.block ?? verdict.stop;
  if (why !== null) throw hookBlocked(`a UserPromptSubmit hook blocked this message: ${why}`);
  return verdict;
}

/** PreModelRequest or PostModelRequest: they look on, as in Codex; what one decides all the same is said and does not count. */
export async function requestHooks(
  turn: TurnContext,
  event: "PreModelRequest" | "PostModelRequest",
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { block, stop, context } = await fireHooks(turn, event, turn.settings.model, fields);
  if (block === null && stop === null && context.length === 0) return;
  const { record, newId } = turn.parts;
  const message = `${event} hooks only look on; what one of them decided or added does not count.`;
  record.itemCompleted(turn.turnId, { type: "warning", id: newId(), code: "hook_ignored", message });
}

/** Stop, or SubagentStop for an agent: whether it is to go on, because a hook says why it is not done. */
export async function goesOnAfterStop(
  turn: TurnContext,
  finalText: string | null,
  times: number,
): Promise<boolean> {
  const { hooks, record, newId } = turn.parts;
  const agent = hooks?.agent ?? null;
  const fields = { stop_hook_active: times > 0, last_assistant_message: finalText };
  const { block, stop } =
    agent === null
      ? await fireHooks(turn, "Stop", "", fields)
      : await fireHooks(turn, "SubagentStop", agent.type, {
          ...fields,
          transcript_path: agent.parentTranscriptPath,
          agent_transcript_path: hooks?.transcriptPath ?? null,
        });
  if (block === null || stop !== null) return false;
  if (times >= MOST_CONTINUATIONS) {
    const message = `Stop hooks had the agent go on ${times} times in this turn; that is the most.`;
    record.itemCompleted(turn.turnId, { type: "warning", id: newId(), code: "hook_ignored", message });
    return false;
  }
  record.addHistory([textMessage("user", `<hook_prompt>\n${block}\n</hook_prompt>`)]);
  return true;
}

/** Interrupt: the turn is over, so nothing of it can end the hooks but their own time limit. */
export async function interruptHooks(turn: TurnContext): Promise<void> {
  if (turn.parts.hooks?.agent != null) return;
  await fireHooks(turn, "Interrupt", "", { reason: "user" }, new AbortController().signal);
}

/** What hooks want the model to know. */
export function addHookContext(turn: TurnContext, { context }: HookVerdict): void {
  turn.parts.record.addHistory(
    context.map((text) => textMessage("developer", `<hook_context>\n${text}\n</hook_context>`)),
  );
}

function requireGoingOn({ stop }: HookVerdict): void {
  if (stop !== null) throw hookBlocked(`a hook ended the turn: ${stop}`);
}

export function hookBlocked(message: string): CodedError {
  return new CodedError("hook_blocked", message, { nextStep: "See which hooks there are: quire hooks list" });
}

/** A call as hooks are told of it, by the names that other agents' hooks know. */
export interface HookedCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Where a command runs, if not where the turn does. */
  readonly cwd: string | null;
  /** The call with another input. */
  with(input: Readonly<Record<string, unknown>>): ToolCall;
}

/** Null for a call whose arguments are no JSON object: it is refused anyway. */
export function hookedCall(call: ToolCall, turnCwd: string): HookedCall | null {
  if (call.type === "custom_tool_call") {
    const changed = (input: Readonly<Record<string, unknown>>) => String(input.command ?? call.input);
    return {
      name: call.name,
      input: { command: call.input },
      cwd: null,
      with: (input) => ({ ...call, input: changed(input) }),
    };
  }
  const input = objectIn(call.arguments);
  if (input === null) return null;
  if (call.name !== "exec_command") {
    return {
      name: call.name,
      input,
      cwd: null,
      with: (other) => ({ ...call, arguments: JSON.stringify(other) }),
    };
  }
  const { cmd, workdir } = input;
  return {
    name: "Bash",
    input: { command: cmd },
    cwd: typeof workdir === "string" ? resolve(turnCwd, workdir) : null,
    with: ({ command }) => ({ ...call, arguments: JSON.stringify({ ...input, cmd: command ?? cmd }) }),
  };
}

function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    // The tool says what is wrong with it.
    return null;
  }
}
