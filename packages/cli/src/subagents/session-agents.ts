import type { LoadedConfig } from "@quire/config";
import type { AgentOpening, AgentSpending, AgentThread, LateTools, ThreadSettings } from "@quire/core";
import type { AgentFamily, AgentPlace } from "@quire/core/agents";
import type { AgentOrigin } from "@quire/protocol";
import type { ModelChoice } from "../session/model/model-choice.ts";
import type { SessionWarning } from "../session/session-request.ts";
import type { Workspace } from "../session/workspace.ts";
import type { AgentRole } from "./agent-role.ts";

/** What a session needs so that its model can start agents. */
export interface SessionAgents {
  /** Of the thread: `/root`, or an agent's path. */
  readonly path: string;
  readonly depth: number;
  readonly family: AgentFamily;
  /** Null where the thread's model may start none, and can only speak with the others. */
  readonly roles: readonly AgentRole[] | null;
  /** What is wrong with kinds of agents. */
  readonly warnings: readonly SessionWarning[];
  /** Where the thread itself works, if it is an agent's. */
  readonly place: AgentPlace | null;
  open(opening: AgentOpening, parent: ParentFacts): Promise<AgentThread>;
}

/** The thread that an agent works for, as it is when the agent is opened. */
export interface ParentFacts {
  readonly threadId: string;
  /** The thread that the tree began with. */
  readonly sessionId: string;
  readonly log: string | null;
  readonly loaded: LoadedConfig;
  readonly workspace: Workspace;
  readonly settings: ThreadSettings;
  readonly choice: ModelChoice;
  /** The MCP servers of the parent, which its agents share; null without any. */
  readonly mcp: LateTools | null;
}

/** What is different about the thread of an agent. */
export interface SessionAgent {
  readonly origin: AgentOrigin;
  readonly sessionId: string;
  readonly role: string;
  readonly prompt: string;
  /** The only tools it has, by name; null for all. */
  readonly tools: readonly string[] | null;
  readonly mcp: LateTools | null;
  readonly parentLog: string | null;
  readonly onSpent: (spent: AgentSpending) => void;
}
