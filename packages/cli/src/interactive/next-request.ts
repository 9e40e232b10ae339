import { type ThreadOverrides, type TurnOverrides, userInputTool } from "@quire/app-server";
import { ReasoningEffortSchema } from "@quire/protocol";
import type { NextRequest } from "@quire/tui";
import { contextReport, contextText } from "../context/report.ts";
import { dryRunOf } from "../debug/dry-run.ts";
import type { EngineBase } from "../engine/thread-config.ts";

/** What the next request of a thread of the interface holds, under the settings that it would be sent with. */
export async function nextRequestText(base: EngineBase, next: NextRequest): Promise<string> {
  const { threadId, settings, mode } = next;
  const run = await dryRunOf({
    base,
    cwd: settings.cwd,
    sets: [chosenIn(settings)],
    target: threadId === null ? { kind: "start" } : { kind: "fork", thread: threadId },
    mode,
    // The one tool that the interface brings along.
    clientTools: [userInputTool(null)],
    input: [],
  });
  return contextText(contextReport(run));
}

function chosenIn({
  model,
  effort,
  cwd,
  sandbox,
  approvalPolicy,
}: NextRequest["settings"]): ThreadOverrides & TurnOverrides {
  const known = ReasoningEffortSchema.safeParse(effort);
  return {
    model,
    cwd,
    sandboxPolicy: sandbox,
    approvalPolicy,
    ...(known.success ? { effort: known.data } : {}),
  };
}
