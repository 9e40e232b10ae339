import type { ModelRequest } from "@quire/models";
import {
  CodedError,
  errorInfoOf,
  isToolCall,
  type RequestHead,
  type ResponseItem,
  type ThreadItem,
  type TokenUsage,
  type ToolCall,
  type Turn,
  textMessage,
} from "@quire/protocol";
import { admitCall, type CallAdmission } from "../budget/admit-call.ts";
import { AutoCompaction } from "../compaction/auto-compaction.ts";
import { type CompactionCalls, compactHistory } from "../compaction/compact-history.ts";
import { toModelRequest } from "../context/model-request.ts";
import { missingFrom } from "../context/turn-surroundings.ts";
import { goalTurnText } from "../goals/goal-text.ts";
import type { ThreadRecord } from "../thread/thread-record.ts";
import { callModel, type ModelCallOutcome } from "./call-model.ts";
import { withLateTools } from "./late-tools.ts";
import { itemsOfModelOutput } from "./model-items.ts";
import { networkTurn } from "./network-access.ts";
import { RuleChecks } from "./rule-checks.ts";
import { runToolCalls } from "./run-tool-calls.ts";
import { agentScope, heardAgents } from "./turn-agents.ts";
import type { RequestEnd, TurnBill } from "./turn-bill.ts";
import type { TurnContext } from "./turn-context.ts";
import {
  addHookContext,
  goesOnAfterStop,
  interruptHooks,
  requestHooks,
  startHooks,
  submitHooks,
} from "./turn-hooks.ts";
import { fallBack } from "./turn-route.ts";
import { type Progress, runTask, type TurnTask } from "./turn-task.ts";
import { addSkills } from "./used-skills.ts";
import { type PreparedInput, wordsOf } from "./user-message.ts";

/** Messages that wait to join the turn: the first request's, then whatever the user says while the agent works. */
export interface TurnInbox {
  /** Empties the box. */
  take(): PreparedInput[];
  isEmpty(): boolean;
  /** The same for what was done beside the turn and the model is to know. */
  takeNotes(): ResponseItem[];
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
  given: TurnContext,
  inbox: TurnInbox,
  task: TurnTask | CompactionTask | null = null,
): Promise<Turn> {
  const goalTurn = await given.watchGoal?.();
  const turn = goalTurn === undefined ? given : { ...given, goalTurn };
  const { record } = turn.parts;
  const startedAtMs = turn.parts.now();
  const progress: Progress = { finalText: null, error: null };
  record.publish({
    method: "turn/started",
    params: { threadId: record.threadId, turn: describeTurn(turn, progress, startedAtMs, "inProgress") },
  });
  turn.parts.network?.enter(networkTurn(turn));
  turn.parts.agents?.enter(agentScope(turn, inbox));
  try {
    begin(turn, startedAtMs);
    await startHooks(turn);
    await addMessages(turn, inbox.take());
    record.observer = observerOf(turn);
    if (task === null) await work(await withLateTools(turn), inbox, progress);
    else if (typeof task === "function") await runTask(turn, task, progress);
    else await compactOnly(turn, task, progress);
  } catch (thrown) {
    progress.error = errorInfoOf(thrown);
  }
  await turn.parts.agents?.leave();
  addNotes(turn, inbox);
  turn.parts.network?.leave();
  if (progress.error?.code === "interrupted" && turn.interruptedByUser()) await interruptHooks(turn);
  record.observer = null;
  await turn.ruleWatch?.close();
  if (progress.error) {
    progress.error = turn.budget.explain(progress.error, turn.bill, turn.interruptedByUser());
  }
  if (turn.goalTurn !== undefined) progress.error = turn.goalTurn.ended(progress);
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
    model: turn.threadSettings.model,
    model_provider: client.provider,
    effort: turn.threadSettings.effort,
    approval_policy: settings.approvalPolicy,
    sandbox_policy: { type: settings.sandboxMode },
    ...(settings.planMode === true ? { collaboration_mode: "plan" as const } : {}),
  });
  record.addHistory(missingFrom(turn, record.history));
  const goal = turn.followsGoal ? record.goal : null;
  if (goal !== null) record.addHistory([textMessage("user", goalTurnText(goal))]);
  if (turn.approves !== undefined) record.itemCompleted(turn.turnId, planApproval(turn, turn.approves));
  for (const { code, message } of turn.warnings) {
    record.itemCompleted(turn.turnId, { type: "warning", id: turn.parts.newId(), code, message });
  }
}

function observerOf({ ruleWatch, goalTurn }: TurnContext): ThreadRecord["observer"] {
  if (goalTurn === undefined) return ruleWatch ?? null;
  return {
    started: (item) => ruleWatch?.started(item),
    completed: (item) => {
      ruleWatch?.completed(item);
      goalTurn.completed(item);
    },
  };
}

function planApproval(turn: TurnContext, itemId: string): ThreadItem {
  return {
    type: "approval",
    id: turn.parts.newId(),
    itemId,
    subject: "the proposed plan",
    reason: "The agent proposed a plan.",
    decidedBy: "plan mode",
    decision: "accept",
    savedPrefix: null,
  };
}

async function compactOnly(turn: TurnContext, task: CompactionTask, progress: Progress): Promise<void> {
  const { instructions } = task;
  const job = { ...compactionCalls(turn), trigger: "manual", instructions } as const;
  const outcome = await compactHistory(await withLateTools(turn), job);
  if (outcome.kind === "unchanged") progress.error = outcome.error;
}

async function work(started: TurnContext, inbox: TurnInbox, progress: Progress): Promise<void> {
  let turn = started;
  const compaction = new AutoCompaction(turn, compactionCalls(turn));
  let stops = 0;
  const checks = turn.ruleWatch && new RuleChecks(turn, turn.ruleWatch);
  for (;;) {
    addNotes(turn, inbox);
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

async function addMessages(turn: TurnContext, messages: readonly PreparedInput[]): Promise<void> {
  for (const message of messages) {
    const verdict = await submitHooks(turn, wordsOf(message));
    turn.parts.record.addHistory([message.historyItem]);
    turn.parts.record.itemCompleted(turn.turnId, message.threadItem);
    await addSkills(turn, message);
    addHookContext(turn, verdict);
  }
}

/** Between the answers to calls and the next request, so that no call is cut off from its answer. */
function addNotes(turn: TurnContext, inbox: TurnInbox): void {
  const notes = inbox.takeNotes();
  if (notes.length > 0) turn.parts.record.addHistory(notes);
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

/** One admitted call: made, entered in the books, and only then no longer set aside. */
async function makeCall(
  turn: TurnContext,
  { request, expected, release }: Extract<CallAdmission, { kind: "admitted" }>,
): Promise<ModelCallOutcome> {
  try {
    turn.parts.record.requestHead(headOf(turn, request));
    const entry = turn.bill.begin({ ...request, effort: request.effort ?? null, expected });
    const outcome = await callModel(turn, request, entry);
    const end = endOf(outcome);
    turn.budget.record(end.usage);
    entry.ended(end);
    return outcome;
  } finally {
    release();
  }
}

function headOf({ turnId, baseInstructions, parts }: TurnContext, request: ModelRequest): RequestHead {
  return {
    turn_id: turnId,
    model: request.model,
    model_provider: parts.client.provider,
    instructions: request.instructions === baseInstructions ? null : request.instructions,
    parallel_tool_calls: request.parallelToolCalls,
    tools: [...request.tools],
  };
}

function endOf(outcome: ModelCallOutcome): RequestEnd {
  if (outcome.kind === "failed") return { usage: outcome.usage, responseId: null, error: outcome.error };
  const { usage, responseId } = outcome.completion;
  return { usage, responseId, error: null };
}

/** A summary by the model is a call like any other: within the budget, and on the bill. */
function compactionCalls(turn: TurnContext): CompactionCalls {
  let made: { entry: ReturnType<TurnBill["begin"]>; release: () => void } | null = null;
  return {
    admit: async (request) => {
      const admission = await admitCall(turn, request);
      if (admission.kind === "refused") return admission;
      const { request: sent, expected, release } = admission;
      const effort = sent.effort ?? null;
      made = { entry: turn.bill.begin({ ...sent, effort, expected, purpose: "compaction" }), release };
      return admission;
    },
    retry: (error) => {
      if (!turn.retries.take()) return turn.retries.exhausted(error);
      made?.entry.attemptFailed(error);
      return null;
    },
    spend: (end) => {
      turn.budget.record(end.usage);
      made?.entry.ended(end);
      made?.release();
      made = null;
    },
  };
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
    usage: turn.bill.usage,
    cost: turn.bill.cost,
    expected: { ...turn.bill.expected },
    finalText: progress.finalText,
  };
}
