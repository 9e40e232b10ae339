import { errorInfoOf, type ThreadItem, type Turn, textMessage } from "@quire/protocol";
import { compactHistory } from "../compaction/compact-history.ts";
import { missingFrom } from "../context/turn-surroundings.ts";
import { goalTurnText } from "../goals/goal-text.ts";
import type { ThreadRecord } from "../thread/thread-record.ts";
import { compactionCalls } from "./billed-calls.ts";
import { withLateTools } from "./late-tools.ts";
import { networkTurn } from "./network-access.ts";
import { agentScope } from "./turn-agents.ts";
import type { TurnContext } from "./turn-context.ts";
import { interruptHooks, startHooks } from "./turn-hooks.ts";
import { addMessages, addNotes, type TurnInbox } from "./turn-inbox.ts";
import { runTurnLoop } from "./turn-loop.ts";
import { type Progress, runTask, type TurnTask } from "./turn-task.ts";

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
    if (task === null) await runTurnLoop(await withLateTools(turn), inbox, progress);
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
