import type { ToolCall, ToolOutputBody } from "@quire/protocol";
import type { ReadyCall } from "@quire/tools";
import type { Question, Verdict } from "../approvals/judge.ts";
import type { HookVerdict } from "../hooks/hook-output.ts";
import type { TurnContext } from "./turn-context.ts";
import { addHookContext, fireHooks, type HookedCall, hookedCall } from "./turn-hooks.ts";

export type BeforeTool =
  | { kind: "goes_on"; call: ToolCall; permission: HookVerdict["permission"] }
  | { kind: "blocked"; message: string };

/** PreToolUse: whether the call is made, with which input, and what hooks say of asking. */
export async function beforeTool(turn: TurnContext, call: ToolCall): Promise<BeforeTool> {
  const hooked = turn.parts.hooks?.has("PreToolUse") ? hookedCall(call, turn.settings.cwd) : null;
  if (hooked === null) return { kind: "goes_on", call, permission: null };
  const { name, input } = hooked;
  const fields = { ...placeOf(hooked), tool_name: name, tool_input: input, tool_use_id: call.call_id };
  const verdict = await fireHooks(turn, "PreToolUse", name, fields);
  addHookContext(turn, verdict);
  const why = verdict.block ?? verdict.stop;
  if (why !== null) return { kind: "blocked", message: `Not run: a hook blocked this call. ${why}` };
  const changed = verdict.updatedInput === null ? call : hooked.with({ ...input, ...verdict.updatedInput });
  return { kind: "goes_on", call: changed, permission: verdict.permission };
}

/** PostToolUse, for calls that were made: the answer for the model. Where a hook objects, its words take its place. */
export async function afterTool(
  turn: TurnContext,
  call: ToolCall,
  output: ToolOutputBody,
): Promise<ToolOutputBody> {
  const hooked = turn.parts.hooks?.has("PostToolUse") ? hookedCall(call, turn.settings.cwd) : null;
  if (hooked === null) return output;
  const { name, input } = hooked;
  const fields = {
    ...placeOf(hooked),
    tool_name: name,
    tool_input: input,
    tool_response: name === "Bash" ? printedBy(textOf(output)) : textOf(output),
    tool_use_id: call.call_id,
  };
  const { block, stop, context } = await fireHooks(turn, "PostToolUse", name, fields);
  const answer = block ?? stop ?? output;
  if (context.length === 0) return answer;
  const words = `<hook_context>\n${context.join("\n")}\n</hook_context>`;
  return typeof answer === "string"
    ? `${answer}\n${words}`
    : [...answer, { type: "input_text", text: words }];
}

/** Hooks get what the command printed, without the lines that we put above it for the model. */
function printedBy(answer: string): string {
  const mark = "\nOutput:\n";
  const at = answer.indexOf(mark);
  return at === -1 ? answer : answer.slice(at + mark.length);
}

function placeOf({ cwd }: HookedCall): { cwd?: string } {
  return cwd === null ? {} : { cwd };
}

/** PermissionRequest: `allow` and `denied` take the place of asking a person; null asks. */
export async function permissionHooks(
  turn: TurnContext,
  call: ToolCall,
  reason: string,
): Promise<"allow" | { denied: string } | null> {
  const hooked = turn.parts.hooks?.has("PermissionRequest") ? hookedCall(call, turn.settings.cwd) : null;
  if (hooked === null) return null;
  const { name, input } = hooked;
  const fields = {
    ...placeOf(hooked),
    tool_name: name,
    tool_input: { ...input, description: reason },
    tool_use_id: call.call_id,
  };
  const { block, permission } = await fireHooks(turn, "PermissionRequest", name, fields);
  if (block !== null) return { denied: `Not run: a hook declined this. ${block}` };
  return permission === "allow" ? "allow" : null;
}

/** What a person is to be asked before the call; null runs it. A hook can want that where the policy does not. */
export function questionAbout(
  prepared: ReadyCall,
  verdict: Exclude<Verdict, { kind: "refuse" }>,
  permission: HookVerdict["permission"],
): Question | null {
  if (verdict.kind === "ask") return verdict.question;
  const [effect] = prepared.effects;
  if (permission !== "ask" || effect === undefined) return null;
  return {
    effect,
    reason: "A hook wants you to look at this.",
    decidedBy: "a PreToolUse hook",
    amendment: null,
    hidesText: false,
    permit: verdict.permit,
  };
}

function textOf(output: ToolOutputBody): string {
  if (typeof output === "string") return output;
  return output.flatMap((part) => (part.type === "input_text" ? [part.text] : [])).join("\n");
}
