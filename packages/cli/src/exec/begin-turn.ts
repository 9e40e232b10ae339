import type { UserInput } from "@quire/protocol";
import type { ReviewTarget, ThreadStartResponse, WireTurn } from "@quire/protocol/app-server";
import type { ExecArguments } from "./exec-arguments.ts";
import type { Run } from "./run-exec.ts";

/** What a run begins with, read and checked. */
export interface RunInput {
  prompt: string | null;
  images: readonly UserInput[];
  outputSchema?: Record<string, unknown>;
}

/** Begins the run's first turn, in the mode and towards the goal that the command line names. */
export async function beginTurn(
  { args, client }: Run,
  opened: ThreadStartResponse & { collaborationMode?: { mode: string } | null },
  { prompt, images, outputSchema }: RunInput,
): Promise<{ turn: WireTurn }> {
  const threadId = opened.thread.id;
  const { action, goal, goalBudget: tokenBudget } = args;
  if (action.kind === "review") {
    const target = reviewTarget(action, prompt);
    return client.request("review/start", { threadId, target, input: [...images] });
  }
  if (args.approvePlan) return client.request("thread/plan/approve", { threadId, message: prompt });
  if (goal !== null) {
    await client.request("thread/goal/set", { threadId, objective: goal, tokenBudget, start: false });
  } else if (tokenBudget !== null) {
    await client.request("thread/goal/set", { threadId, status: "active", tokenBudget, start: false });
  }
  const text = prompt ?? goal ?? (tokenBudget === null ? null : "Go on with the goal.");
  // A run says itself how it works: a thread that was left in plan mode is not in it by chance.
  const mode = args.plan ? "plan" : opened.collaborationMode?.mode === "plan" ? "default" : null;
  return client.request("turn/start", {
    threadId,
    input: [...(text === null ? [] : [{ type: "text" as const, text }]), ...images],
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...(mode === null ? {} : { collaborationMode: { mode } }),
  });
}

/** Whether the run has something to begin with beside a prompt. */
export function needsNoPrompt({ approvePlan, goal, goalBudget }: ExecArguments): boolean {
  return approvePlan || goal !== null || goalBudget !== null;
}

/** What a review looks at, as the door takes it. */
export function reviewTarget(
  { target, title }: Extract<ExecArguments["action"], { kind: "review" }>,
  wishes: string | null,
): ReviewTarget {
  if (wishes !== null) return { type: "custom", instructions: wishes };
  switch (target.kind) {
    case "uncommitted":
      return { type: "uncommittedChanges" };
    case "base":
      return { type: "baseBranch", branch: target.branch };
    case "commit":
      return { type: "commit", sha: target.sha, title };
  }
}
