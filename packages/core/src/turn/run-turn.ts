import type { ModelRequest } from "@quire/models";
import {
  addUsage,
  CodedError,
  errorInfoOf,
  isToolCall,
  NO_USAGE,
  type ResponseItem,
  type TokenUsage,
  type ToolCall,
  type Turn,
} from "@quire/protocol";
import { AutoCompaction } from "../compaction/auto-compaction.ts";
import { type CompactionJob, compactHistory } from "../compaction/compact-history.ts";
import { toModelRequest } from "../context/model-request.ts";
import { missingContext } from "../context/session-context.ts";
import { addCost } from "../thread/cost.ts";
import { callModel, type ModelCallOutcome } from "./call-model.ts";
import { withLateTools } from "./late-tools.ts";
import { itemOfModelOutput } from "./model-items.ts";
import { networkTurn } from "./network-access.ts";
import { runToolCalls } from "./run-tool-calls.ts";
import type { TurnContext } from "./turn-context.ts";
import { type Progress, runTask, type TurnTask } from "./turn-task.ts";
import type { PreparedInput } from "./user-message.ts";

/** Messages that wait to join the turn: the first request's, then whatever the user says while the agent works. */
export interface TurnInbox {
  /** Empties the box. */
  take(): PreparedInput[];
}

/** The work of a turn that only compacts the thread's context. */
export interface CompactionTask {
  readonly kind: "compaction";
  /** What the summary should heed, or null. */
  readonly instructions: string | null;
}

/**
 * One user request until the agent yields. Returns how it ended; it does not throw, except when the log itself cannot be
 * written and even saying so failed.
 */
export async function runTurn(
  turn: TurnContext,
  inbox: TurnInbox,
  task: TurnTask | CompactionTask | null = null,
): Promise<Turn> {
  const { record } = turn.parts;
  const startedAtMs = turn.parts.now();
  const progress: Progress = { usage: NO_USAGE, cost: null, finalText: null, error: null };
  record.publish({
    method: "turn/started",
    params: { threadId: record.threadId, turn: describeTurn(turn, progress, startedAtMs, "inProgress") },
  });
  turn.parts.network?.enter(networkTurn(turn));
  try {
    begin(turn, startedAtMs);
    addMessages(turn, inbox.take());
    if (task === null) await work(await withLateTools(turn), inbox, progress);
    else if (typeof task === "function") await runTask(turn, task, progress);
    else await compactOnly(turn, task, progress);
  } catch (thrown) {
    progress.error = errorInfoOf(thrown);
  }
  turn.parts.network?.leave();
  if (progress.error) {
    progress.error = turn.budget.explain(progress.error, progress, turn.interruptedByUser());
  }
  const finished = record.redact(finish(turn, progress, startedAtMs));
  record.publish({ method: "turn/completed", params: { threadId: record.threadId, turn: finished } });
  return finished;
}

function begin(turn: TurnContext, startedAtMs: number): void {
  const { record, client } = turn.parts;
  const { settings } = turn;
  record.event({ type: "task_started", turn_id: turn.turnId, started_at: Math.floor(startedAtMs / 1000) });
  record.turnContext({
    turn_id: turn.turnId,
    cwd: settings.cwd,
    model: settings.model,
    model_provider: client.provider,
    effort: settings.effort,
    approval_policy: settings.approvalPolicy,
    sandbox_policy: { type: settings.sandboxMode },
  });
  record.addHistory(missingContext(record.history, record.redact(settings.surroundings)));
  for (const { code, message } of turn.warnings) {
    record.itemCompleted(turn.turnId, { type: "warning", id: turn.parts.newId(), code, message });
  }
}

async function compactOnly(turn: TurnContext, task: CompactionTask, progress: Progress): Promise<void> {
  const { instructions } = task;
  const job = { ...compactionCalls(turn, progress), trigger: "manual", instructions } as const;
  const outcome = await compactHistory(await withLateTools(turn), job);
  if (outcome.kind === "unchanged") progress.error = outcome.error;
}

async function work(turn: TurnContext, inbox: TurnInbox, progress: Progress): Promise<void> {
  const compaction = new AutoCompaction(turn, compactionCalls(turn, progress));
  for (;;) {
    addMessages(turn, inbox.take());
    progress.error = await compaction.beforeCall();
    if (progress.error) return;
    const admission = turn.budget.admit(toModelRequest(turn), progress);
    if (admission.kind === "refused") {
      progress.error = admission.error;
      return;
    }
    const outcome = await callModel(turn, admission.request);
    learnTokens(turn, outcome, admission.request);
    const calls = keep(turn, outcome, progress);
    if (outcome.kind === "failed") {
      if (await compaction.afterRefusal(outcome.error)) continue;
      progress.error = outcome.error;
      return;
    }
    compaction.answered();
    if (calls.length > 0) await runToolCalls(turn, calls);
    if (turn.signal.aborted) {
      throw new CodedError("interrupted", "the turn was interrupted");
    }
    if (calls.length === 0) {
      const late = inbox.take();
      if (late.length === 0) return;
      addMessages(turn, late);
    }
  }
}

function addMessages(turn: TurnContext, messages: readonly PreparedInput[]): void {
  for (const message of messages) {
    turn.parts.record.addHistory([message.historyItem]);
    turn.parts.record.itemCompleted(turn.turnId, message.threadItem);
  }
}

/** Writes down what a call to the model brought and returns the tool calls in it. */
function keep(turn: TurnContext, outcome: ModelCallOutcome, progress: Progress): ToolCall[] {
  const { record } = turn.parts;
  const usage = outcome.kind === "completed" ? outcome.completion.usage : outcome.usage;
  turn.budget.record(usage);
  if (usage) bill(turn, usage, outcome.kind === "completed" ? outcome.completion.responseId : null, progress);
  const items = withoutRepeatedCalls(turn, outcome.items);
  if (items.length > 0) record.addHistory(items);
  for (const item of items) {
    const shown = itemOfModelOutput(item, turn.parts.newId());
    if (!shown) continue;
    // A search of the endpoint is only known once it is done; readers wait for its beginning all the same.
    if (shown.type === "webSearch") record.announceStarted(turn.turnId, shown);
    record.itemCompleted(turn.turnId, shown);
    if (shown.type === "agentMessage") progress.finalText = shown.text;
  }
  return items.filter(isToolCall);
}

function bill(
  turn: TurnContext,
  usage: TokenUsage,
  responseId: string | null,
  progress: Progress,
  purpose?: "compaction",
): void {
  const { settings, parts } = turn;
  const cost = parts.priceOf(usage, settings.model);
  progress.usage = addUsage(progress.usage, usage);
  progress.cost = addCost(progress.cost, cost);
  parts.record.addUsage(turn.turnId, {
    usage,
    cost,
    model: settings.model,
    responseId,
    contextWindow: settings.contextWindow,
    ...(purpose === undefined ? {} : { purpose }),
  });
}

/** A summary by the model is a call like any other: within the budget, and on the bill. */
function compactionCalls(turn: TurnContext, progress: Progress): Pick<CompactionJob, "admit" | "spend"> {
  return {
    admit: (request) => turn.budget.admit(request, progress),
    spend: (usage, responseId) => {
      turn.budget.record(usage);
      if (usage) bill(turn, usage, responseId, progress, "compaction");
    },
  };
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

function finish(turn: TurnContext, progress: Progress, startedAtMs: number): Turn {
  const { record } = turn.parts;
  const completedAtMs = turn.parts.now();
  const interrupted = progress.error?.code === "interrupted";
  try {
    if (interrupted) record.event({ type: "turn_aborted", turn_id: turn.turnId, reason: "interrupted" });
    else {
      record.event({
        type: "task_complete",
        turn_id: turn.turnId,
        last_agent_message: progress.finalText,
        completed_at: Math.floor(completedAtMs / 1000),
        duration_ms: completedAtMs - startedAtMs,
        error: progress.error,
      });
    }
    record.sync();
  } catch (thrown) {
    // The turn already failed for the same reason, or its result is now not safe: both must be said.
    progress.error ??= errorInfoOf(thrown);
  }
  const status = progress.error === null ? "completed" : interrupted ? "interrupted" : "failed";
  return { ...describeTurn(turn, progress, startedAtMs, status), completedAtMs };
}

function describeTurn(
  turn: TurnContext,
  progress: Progress,
  startedAtMs: number,
  status: Turn["status"],
): Turn {
  return {
    id: turn.turnId,
    status,
    error: progress.error,
    startedAtMs,
    completedAtMs: null,
    usage: progress.usage,
    cost: progress.cost,
    finalText: progress.finalText,
  };
}
