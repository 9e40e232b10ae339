import type { ModelRequest } from "@quire/models";
import { CodedError, isToolCall, type ResponseItem, type TokenUsage, type ToolCall } from "@quire/protocol";
import { admitCall } from "../budget/admit-call.ts";
import { AutoCompaction } from "../compaction/auto-compaction.ts";
import { toModelRequest } from "../context/model-request.ts";
import { compactionCalls, makeCall } from "./billed-calls.ts";
import type { ModelCallOutcome } from "./call-model.ts";
import { itemsOfModelOutput } from "./model-items.ts";
import { RuleChecks } from "./rule-checks.ts";
import { runToolCalls } from "./run-tool-calls.ts";
import { addMail, heardAgents } from "./turn-agents.ts";
import type { TurnContext } from "./turn-context.ts";
import { goesOnAfterStop, requestHooks } from "./turn-hooks.ts";
import { addMessages, addNotes, type TurnInbox } from "./turn-inbox.ts";
import { fallBack } from "./turn-route.ts";
import type { Progress } from "./turn-task.ts";

/**
 * The loop itself: asks the model, writes down what it answers, runs what it calls for, until it yields. `progress` says how far it
 * came, and why it stopped early; what cannot be told there is thrown.
 */
export async function runTurnLoop(started: TurnContext, inbox: TurnInbox, progress: Progress): Promise<void> {
  let turn = started;
  const compaction = new AutoCompaction(turn, compactionCalls(turn));
  let stops = 0;
  const checks = turn.ruleWatch && new RuleChecks(turn, turn.ruleWatch);
  for (;;) {
    addNotes(turn, inbox);
    addMail(turn);
    await addMessages(turn, inbox.take());
    progress.error = turn.goalTurn?.beforeCall() ?? (await compaction.beforeCall());
    if (progress.error) return;
    await requestHooks(turn, "PreModelRequest", {});
    const admission = await admitCall(turn, toModelRequest(turn));
    if (admission.kind === "refused") {
      progress.error = admission.error;
      return;
    }
    const outcome = await makeCall(turn, admission);
    learnTokens(turn, outcome, admission.request);
    const calls = keep(turn, outcome, progress);
    if (outcome.kind === "failed") {
      if (await compaction.afterRefusal(outcome.error)) continue;
      const other = fallBack(turn, outcome.error);
      if (other !== null) {
        turn = other;
        compaction.goOnWith(turn, compactionCalls(turn));
        continue;
      }
      progress.error = outcome.error;
      return;
    }
    compaction.answered();
    await requestHooks(turn, "PostModelRequest", {
      status: "completed",
      error: null,
      token_usage: withTotal(outcome.completion.usage),
      last_assistant_message: progress.finalText,
    });
    if (calls.length > 0) await runToolCalls(turn, calls);
    if (turn.signal.aborted) {
      throw new CodedError("interrupted", "the turn was interrupted");
    }
    if (calls.length === 0) {
      const late = inbox.take();
      if (late.length > 0) await addMessages(turn, late);
      else if (await heardAgents(turn)) continue;
      else if (await goesOnAfterStop(turn, progress.finalText, stops)) stops += 1;
      else if (!(await checks?.handBack())) return;
    }
  }
}

/** Writes down what a call to the model brought and returns the tool calls in it. */
function keep(turn: TurnContext, outcome: ModelCallOutcome, progress: Progress): ToolCall[] {
  const { record } = turn.parts;
  const items = withoutRepeatedCalls(turn, outcome.items);
  if (items.length > 0) record.addHistory(items);
  for (const item of items) {
    const parts = itemsOfModelOutput(item, turn.parts.newId(), turn.settings.planMode === true);
    for (const shown of parts) {
      // A search of the endpoint is only known once it is done; readers wait for its beginning all the same.
      if (shown.type === "webSearch") record.announceStarted(turn.turnId, shown);
      record.itemCompleted(turn.turnId, shown);
    }
    const words = parts.flatMap((part) =>
      part.type === "agentMessage" || part.type === "plan" ? [part.text] : [],
    );
    if (words.length > 0) progress.finalText = words.join("\n\n");
  }
  return items.filter(isToolCall);
}

function withTotal(usage: TokenUsage | null) {
  return usage && { ...usage, total_tokens: usage.input_tokens + usage.output_tokens };
}

function learnTokens(turn: TurnContext, outcome: ModelCallOutcome, request: ModelRequest): void {
  const usage = outcome.kind === "completed" ? outcome.completion.usage : null;
  // `keep` has not run yet: the history is still what was sent.
  if (usage) turn.parts.meter.learn(request, usage.input_tokens);
}

/** A call id names one call. A second one with the same id could not be answered, so it is dropped, visibly. */
function withoutRepeatedCalls(turn: TurnContext, items: readonly ResponseItem[]): ResponseItem[] {
  const { record } = turn.parts;
  const these = new Set<string>();
  return items.filter((item) => {
    if (!isToolCall(item)) return true;
    if (!these.has(item.call_id) && !record.holdsCall(item.call_id)) {
      these.add(item.call_id);
      return true;
    }
    record.itemCompleted(turn.turnId, {
      type: "warning",
      id: turn.parts.newId(),
      code: "tool_bad_arguments",
      message: `The model used the call id ${item.call_id} twice; the second call (${item.name}) was not run.`,
    });
    return false;
  });
}
