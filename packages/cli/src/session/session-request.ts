import type { ThreadSeams } from "@quire/app-server";
import type { LoadedConfig } from "@quire/config";
import type { Approver } from "@quire/core";
import type { AskPerson } from "@quire/mcp";
import type { ModelClient } from "@quire/models";
import type { ApprovalPolicy, ResponseItem } from "@quire/protocol";
import type { Tool } from "@quire/tools";
import type { SessionAgent, SessionAgents } from "../subagents/session-agents.ts";
import type { System } from "../system.ts";
import type { Workspace } from "./workspace.ts";

/** Which thread a run is about. */
export type ThreadTarget =
  /** `inherited` is what the history begins with, of the conversation of another thread. */
  | { kind: "start"; threadId?: string; inherited?: readonly ResponseItem[] }
  | { kind: "resume"; thread: string | null; all: boolean }
  | { kind: "fork"; thread: string; lastTurnId?: string | null };

export interface SessionRequest {
  system: System;
  home: string;
  loaded: LoadedConfig;
  workspace: Workspace;
  target: ThreadTarget;
  ephemeral: boolean;
  ignoreRules: boolean;
  /** Who runs this, for the log: "exec". */
  source: string;
  /** The name or role of the agent that works in the thread, for the ledger and for routing; absent: the user's own. */
  agent?: string;
  /** The program that asked for the thread, for the log; "quire" itself when absent. */
  originator?: string;
  approvalPolicy: ApprovalPolicy;
  /** Asks a person; null where nobody can be asked. */
  approver: Approver | null;
  /** Asks a person what an MCP server wants to know; nobody where it is missing or null. */
  askPerson?: AskPerson | null;
  /** Told when an MCP server of the thread starts, is ready or fails. */
  onMcpStatus?: ThreadSeams["onMcpStatus"];
  /** Tools that the front end brings along. */
  clientTools: readonly Tool[];
  /** Tools that the model has in plan mode only. */
  planTools?: readonly Tool[];
  /** Set in plan mode, with instructions of the client's beside those of the mode. */
  planMode?: { instructions: string | null } | null;
  /** Names of built-in tools that the model is not to have. */
  withoutTools?: readonly string[];
  /** Leaves the configured MCP servers out; what their tools do outside, no sandbox of ours could hold back. */
  withoutMcp?: boolean;
  /** Where the model may start agents; absent where it may not. */
  agents?: SessionAgents;
  /** Present when the thread is an agent's. */
  subagent?: SessionAgent;
  /** Answers in place of the chosen model; the thread closes it. */
  modelClient?: ModelClient;
}

/** A note for the user that is no error: what was decided, cut or unknown. */
export interface SessionWarning {
  code: string;
  message: string;
}
