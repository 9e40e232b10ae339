import type { AdoptAgent, EngineThread, OpenThread, ThreadSeams } from "@quire/app-server";
import { persistTrust } from "@quire/config";
import { findThread } from "@quire/core";
import { CodedError } from "@quire/protocol";
import type { TurnLimits } from "@quire/protocol/app-server";
import { BUILTIN_TOOL_NAMES, MCP_TOOL_NAMES } from "@quire/tools";
import { agentsEnabled, toolsSwitchedOff } from "../session/features.ts";
import { openSession } from "../session/open-session.ts";
import type { SessionRequest, ThreadTarget } from "../session/session-request.ts";
import type { SessionAgents } from "../subagents/session-agents.ts";
import { SessionThread } from "./session-thread.ts";
import { type EngineBase, threadConfig } from "./thread-config.ts";
import { refuseUnpricedLimit } from "./turn-limits.ts";

/** Opens a thread for a client. */
export async function openEngineThread(
  base: EngineBase,
  request: OpenThread,
  seams: ThreadSeams,
): Promise<EngineThread> {
  const { target, overrides, ephemeral, originator, limits } = request;
  const { system, home } = base;
  const known = target.kind === "start" || overrides.cwd !== undefined;
  const cwd = known ? system.cwd : findThread(home, target.threadId).cwd;
  const config = await threadConfig(base, cwd || system.cwd, [overrides]);
  const { loaded, workspace } = config;
  if (base.trust) {
    const { projectRootMarkers: rootMarkers } = loaded.config;
    await persistTrust({ home, cwd: workspace.cwd, rootMarkers, level: "trusted" });
  }
  refuseBuiltinNames(seams.tools);
  if (target.kind === "start") refuseUnpricedLimit(limits, config, base);
  const sessionRequest: SessionRequest = {
    system,
    home,
    ...config,
    target: targetOf(target),
    ephemeral,
    ignoreRules: base.ignoreRules,
    source: base.source,
    originator,
    approvalPolicy: loaded.config.approvalPolicy,
    approver: base.attended ? seams.approver : null,
    askPerson: base.attended ? seams.askPerson : null,
    onMcpStatus: seams.onMcpStatus,
    clientTools: seams.tools,
    planTools: seams.planTools,
    withoutTools: toolsSwitchedOff(loaded.config),
  };
  const agents = await agentsOf(base, sessionRequest, seams.adopt);
  const session = await openSession({ ...sessionRequest, ...(agents === null ? {} : { agents }) });
  const thread = new SessionThread(base, session, config, request);
  try {
    await thread.resumeMode();
  } catch (thrown) {
    await session.close();
    throw thrown;
  }
  return thread;
}

/** What the model needs to start agents; null where they are off, and then nothing of them is loaded. */
async function agentsOf(
  base: EngineBase,
  request: SessionRequest,
  adopt: AdoptAgent,
): Promise<SessionAgents | null> {
  if (!agentsEnabled(request.loaded.config, request.home)) return null;
  const { rootAgents } = await import("../subagents/agent-tree.ts");
  return rootAgents(request, adopt, (opened, limits) => openAgentThread(base, opened, limits));
}

/** Opens the thread of an agent, whose settings are its role's and stay so. */
async function openAgentThread(
  base: EngineBase,
  request: SessionRequest,
  limits: TurnLimits,
): Promise<SessionThread> {
  const { loaded, workspace } = request;
  const opened = { overrides: {}, limits, isAgent: true };
  return new SessionThread(base, await openSession(request), { loaded, workspace }, opened);
}

/** A tool of a client's does not take the place of one of ours: the model would mean one and get the other. */
function refuseBuiltinNames(tools: ThreadSeams["tools"]): void {
  const ours = [...BUILTIN_TOOL_NAMES, ...MCP_TOOL_NAMES];
  const taken = tools.map(({ spec }) => spec.name).find((name) => ours.includes(name));
  if (taken === undefined) return;
  throw new CodedError("usage_invalid", `the name ${taken} belongs to a tool that every thread has`, {
    nextStep: `Give the client's tool another name; taken are ${ours.join(", ")}.`,
  });
}

function targetOf(target: OpenThread["target"]): ThreadTarget {
  switch (target.kind) {
    case "start":
      return target;
    case "resume":
      return { kind: "resume", thread: target.threadId, all: true };
    case "fork":
      return { kind: "fork", thread: target.threadId, lastTurnId: target.lastTurnId };
  }
}
