import type { RunningTurn, TaskEnd, TaskScope } from "@quire/core";
import { type ReviewResult, type ThreadItem, textMessage, type UserInput } from "@quire/protocol";
import type { ReviewTarget, TurnLimits } from "@quire/protocol/app-server";
import type { EngineBase, ThreadConfig } from "../engine/thread-config.ts";
import { startBudget } from "../engine/turn-limits.ts";
import { openSession, type Session } from "../session/open-session.ts";
import type { SessionRequest } from "../session/session-request.ts";
import { newId } from "../session/thread-deps.ts";
import { changedRanges } from "./changed-ranges.ts";
import { followReviewer } from "./follow-reviewer.ts";
import { gatherDiff, type ReviewSubject } from "./gather-diff.ts";
import { openRepository } from "./open-repository.ts";
import { REVIEW_INSTRUCTIONS, reviewRequest } from "./rubric.ts";

export interface ReviewOrder {
  base: EngineBase;
  /** The thread that the review is a turn of. */
  session: Session;
  config: ThreadConfig;
  /** Whether the thread's model was asked for by name; otherwise `review_model` counts. */
  modelIsChosen: boolean;
  target: ReviewTarget;
  input: readonly UserInput[];
  limits: TurnLimits;
}

/** Tools that change something, or that a review has no use for. */
const TOOLS_OF_AUTHORS = ["apply_patch", "update_plan"];

/** Looks at the changes and begins the turn in which a reviewer, in a read-only thread of its own, judges them. */
export async function startReview(order: ReviewOrder): Promise<RunningTurn> {
  const { subject, root } = await lookAt(order);
  const { thread, settings } = order.session;
  return thread.startTask((scope) => review(order, subject, root, scope), { settings });
}

async function lookAt({ base, config, target }: ReviewOrder) {
  const git = await openRepository(config.workspace, base.system, base.home);
  try {
    return { subject: await gatherDiff(git, target), root: git.root };
  } finally {
    git.close();
  }
}

async function review(
  order: ReviewOrder,
  subject: ReviewSubject,
  root: string,
  scope: TaskScope,
): Promise<TaskEnd> {
  const { base, target } = order;
  const id = () => newId(base.system);
  scope.completed({ type: "enteredReviewMode", id: id(), review: subject.description });
  if (subject.patch === "" && subject.leftOut.length === 0 && target.type !== "custom") {
    return conclude(scope, id, subject, nothingToReview(subject));
  }
  const reviewer = await openSession(reviewerOf(order));
  try {
    const events = reviewer.thread.subscribe({ deltas: false, capacity: 100_000 });
    const { budget, stop } = startBudget(order.limits);
    const running = await reviewer.thread.startTurn(
      [
        {
          type: "text",
          text: reviewRequest({
            subject,
            root,
            title: target.type === "commit" ? (target.title ?? null) : null,
            wishes: target.type === "custom" ? target.instructions : null,
          }),
        },
        ...order.input,
      ],
      { settings: reviewer.settings, warnings: reviewer.warnings, budget, signal: scope.signal },
    );
    const ranges = subject.patch === "" ? null : changedRanges(subject.patch);
    const { prose, result } = await followReviewer(events, scope, { root, ranges });
    const turn = await running.done.finally(stop);
    if (turn.cost !== null) {
      const { model, contextWindow } = reviewer.settings;
      scope.bill({ usage: turn.usage, cost: turn.cost, model, responseId: null, contextWindow });
    }
    if (turn.error !== null) return { finalText: null, error: turn.error };
    return conclude(scope, id, subject, { prose: prose ?? "", result });
  } finally {
    await reviewer.close();
  }
}

/** The same place and provider with the reviewer's instructions, rights and, where one is configured, model. */
function reviewerOf({ base, session, config, modelIsChosen }: ReviewOrder): SessionRequest {
  const { loaded, workspace } = config;
  const { config: values } = loaded;
  const model = modelIsChosen ? values.model : (values.reviewModel ?? values.model);
  return {
    system: base.system,
    home: base.home,
    loaded: {
      ...loaded,
      config: { ...values, model, instructions: REVIEW_INSTRUCTIONS, modelInstructionsFile: null },
    },
    workspace: { ...workspace, sandboxMode: "read-only" },
    target: { kind: "start" },
    ephemeral: session.thread.rolloutPath === null,
    ignoreRules: base.ignoreRules,
    source: "review",
    agent: "review",
    approvalPolicy: "never",
    approver: null,
    clientTools: [],
    withoutTools: TOOLS_OF_AUTHORS,
    withoutMcp: true,
  };
}

interface Outcome {
  prose: string;
  result: ReviewResult | null;
}

/** Says the result in words, as data, and to the model of the thread, which may be asked to act on it next. */
function conclude(
  scope: TaskScope,
  id: () => string,
  subject: ReviewSubject,
  { prose, result }: Outcome,
): TaskEnd {
  const items: ThreadItem[] = [
    { type: "exitedReviewMode", id: id(), review: prose, result },
    { type: "agentMessage", id: id(), text: prose },
  ];
  for (const item of items) scope.completed(item);
  scope.remember([
    textMessage("user", `I had ${subject.description} reviewed, in another thread. The result:\n\n${prose}`),
  ]);
  return { finalText: prose, error: null };
}

function nothingToReview(subject: ReviewSubject): Outcome {
  const prose = `There is nothing to review: ${subject.description} are empty.`;
  const result = {
    findings: [],
    dropped: [],
    overall_correctness: null,
    overall_explanation: prose,
    overall_confidence_score: null,
  };
  return { prose, result };
}
