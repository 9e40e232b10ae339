import {
  findLastThread,
  findThread,
  forkLog,
  type NewThreadMeta,
  resumeLog,
  startLog,
  type ThreadLogState,
} from "@quire/core";
import type { SessionMeta } from "@quire/protocol";
import type { SessionAgent } from "../subagents/session-agents.ts";
import { VERSION } from "../version.ts";
import { baseInstructions } from "./base-instructions.ts";
import { chooseModel, OFFLINE_MODEL } from "./model/model-choice.ts";
import type { SessionRequest } from "./session-request.ts";
import { newId, threadLogDeps } from "./thread-deps.ts";

/** Opens the log that a request is about and holds its lock. */
export async function openLog(request: SessionRequest): Promise<ThreadLogState> {
  const { system, home, target, workspace, ephemeral } = request;
  const deps = threadLogDeps(system, home);
  const origin = {
    cwd: workspace.cwd,
    originator: request.originator ?? "quire",
    cli_version: VERSION,
    ...(request.subagent === undefined ? { source: request.source } : agentHeader(request.subagent)),
  };
  if (target.kind === "resume") {
    const stored =
      target.thread === null
        ? findLastThread(home, target.all ? null : workspace.cwd)
        : findThread(home, target.thread);
    return resumeLog(stored, deps);
  }
  if (target.kind === "fork") {
    const options = target.lastTurnId == null ? { ephemeral } : { ephemeral, lastTurnId: target.lastTurnId };
    return forkLog(findThread(home, target.thread), newId(system), origin, options, deps);
  }
  const meta = await newMeta(request, origin);
  const { threadId, inherited = [] } = target;
  return startLog(threadId ?? newId(system), meta, { ephemeral, inherited }, deps);
}

/** Codex's words, so that its tools know whose agent a thread is. */
function agentHeader({ origin, sessionId }: SessionAgent): Pick<SessionMeta, "source" | "session_id"> {
  return { source: { subagent: { thread_spawn: origin } }, session_id: sessionId };
}

async function newMeta(
  request: SessionRequest,
  origin: Pick<SessionMeta, "cwd" | "originator" | "cli_version" | "source">,
): Promise<NewThreadMeta> {
  const { loaded, workspace, system } = request;
  const { readGitInfo } = await import("./git-info.ts");
  const git = readGitInfo(workspace.gitRoot);
  const choice = chooseModel(loaded.config, system.env, request.home);
  return {
    ...origin,
    model_provider: choice.kind === "offline" ? OFFLINE_MODEL : choice.provider.id,
    base_instructions: { text: baseInstructions(request) },
    ...(git ? { git } : {}),
  };
}
