import type { AdoptAgent, EngineThread, ThreadSeams } from "@quire/app-server";
import {
  type AgentOpening,
  type AgentThread,
  findThreadFile,
  type OuterBudget,
  type RunningTurn,
} from "@quire/core";
import { AgentFamily, type AgentPlace } from "@quire/core/agents";
import { CodedError, type UserInput } from "@quire/protocol";
import type { TurnLimits } from "@quire/protocol/app-server";
import type { SessionRequest } from "../session/session-request.ts";
import type { AgentRole } from "./agent-role.ts";
import { agentPrompt, agentRights } from "./agent-session.ts";
import { findRoles } from "./find-roles.ts";
import type { ParentFacts, SessionAgent, SessionAgents } from "./session-agents.ts";

/** Agents that work at a time where the configuration says nothing. */
const DEFAULT_PLACES = 6;
/** Agents of one tree in all: each has a log, and the model a name to remember. */
const MOST_AGENTS = 64;

/** An agent's thread behind the door, whose turns count against the limits of those it works for. */
export interface AgentEngineThread extends EngineThread {
  startTurn(
    input: readonly UserInput[],
    options: { limits?: TurnLimits },
    outer?: OuterBudget | null,
  ): Promise<RunningTurn>;
}

/** Opens a session for an agent; `limits` hold for each of its tasks. */
export type OpenAgentSession = (request: SessionRequest, limits: TurnLimits) => Promise<AgentEngineThread>;

interface Tree {
  readonly request: SessionRequest;
  readonly family: AgentFamily;
  readonly roles: readonly AgentRole[];
  readonly maxDepth: number;
  readonly open: OpenAgentSession;
}

/** What a thread of a person's needs so that its model can start agents. `request` is the thread's own. */
export async function rootAgents(
  request: SessionRequest,
  adopt: AdoptAgent,
  open: OpenAgentSession,
): Promise<SessionAgents> {
  const { home, loaded, workspace } = request;
  const { agents } = loaded.config;
  const { roles, warnings } = await findRoles({
    home,
    cwd: workspace.cwd,
    project: loaded.project,
    configured: agents.roles,
  });
  const family = new AgentFamily({ places: agents.maxThreads ?? DEFAULT_PLACES, most: MOST_AGENTS });
  const tree: Tree = { request, family, roles, maxDepth: agents.maxDepth, open };
  return { ...agentsAt(tree, { path: "/root", depth: 0, place: null, adopt }), warnings };
}

/** The same for a request that is only looked at: agents are offered, and none is ever started. */
export function shownAgents(request: SessionRequest): Promise<SessionAgents> {
  const refuse = () => Promise.reject(new CodedError("internal", "this is a dry run"));
  return rootAgents(request, refuse, refuse);
}

interface At {
  path: string;
  depth: number;
  place: AgentPlace | null;
  adopt: AdoptAgent;
}

function agentsAt(tree: Tree, { path, depth, place, adopt }: At): SessionAgents {
  const { family, roles, maxDepth } = tree;
  return {
    path,
    depth,
    family,
    roles: depth < maxDepth ? roles : null,
    warnings: [],
    place,
    open: (opening, parent) => openAgent(tree, depth + 1, adopt, opening, parent),
  };
}

async function openAgent(
  tree: Tree,
  depth: number,
  adopt: AdoptAgent,
  opening: AgentOpening,
  parent: ParentFacts,
): Promise<AgentThread> {
  const role = tree.roles.find(({ name }) => name === opening.role);
  if (role === undefined) throw new CodedError("config_invalid", `there is no agent role "${opening.role}"`);
  const { ephemeral } = tree.request;
  const { threadId: parentThreadId, sessionId } = parent;
  const facts = { path: opening.path, role: role.name, parentThreadId, sessionId };
  const adopted = await adopt(facts, { ephemeral }, (seams) =>
    tree.open(agentRequest(tree, depth, seams, { opening, role, parent }), limitsOf(tree, role)),
  );
  const { engine } = adopted;
  const { model, effort } = engine.settings();
  return {
    log: engine.thread.rolloutPath,
    model,
    effort,
    startTurn: (message, outer) =>
      adopted.begin((thread) => thread.startTurn([{ type: "text", text: message }], {}, outer)),
    close: () => adopted.close(),
  };
}

function limitsOf({ request }: Tree, { limits }: AgentRole): TurnLimits {
  const { maxRuntimeSeconds } = request.loaded.config.agents;
  return maxRuntimeSeconds === null ? limits : { timeoutMs: maxRuntimeSeconds * 1000, ...limits };
}

function agentRequest(
  tree: Tree,
  depth: number,
  seams: ThreadSeams,
  { opening, role, parent }: { opening: AgentOpening; role: AgentRole; parent: ParentFacts },
): SessionRequest {
  const { threadId, path, place, inherited } = opening;
  const { request } = tree;
  const isNew = opening.isNew && findThreadFile(request.home, threadId) === null;
  const nextTools = { path, depth, place, adopt: seams.adopt };
  return {
    ...request,
    ...agentRights(opening, role, parent),
    target: isNew ? { kind: "start", threadId, inherited } : { kind: "resume", thread: threadId, all: true },
    source: "subagent",
    // Where nobody can be asked about the parent, nobody can be asked about its agents.
    approver: request.approver === null ? null : seams.approver,
    askPerson: request.askPerson == null ? null : seams.askPerson,
    onMcpStatus: seams.onMcpStatus,
    clientTools: [],
    agent: role.name,
    subagent: sessionAgent(depth, opening, role, parent),
    agents: agentsAt(tree, nextTools),
  };
}

function sessionAgent(
  depth: number,
  { path, onSpent }: AgentOpening,
  role: AgentRole,
  parent: ParentFacts,
): SessionAgent {
  return {
    origin: {
      parent_thread_id: parent.threadId,
      depth,
      agent_path: path,
      agent_nickname: null,
      agent_role: role.name,
    },
    sessionId: parent.sessionId,
    role: role.name,
    prompt: agentPrompt(path, role),
    tools: role.tools,
    mcp: parent.mcp,
    parentLog: parent.log,
    onSpent,
  };
}
