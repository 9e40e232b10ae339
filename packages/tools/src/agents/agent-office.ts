import type { CollabAgentState, ErrorCode, ReasoningEffort } from "@quire/protocol";

export interface SpawnOrder {
  /** Lowercase letters, digits and underscores. */
  taskName: string;
  message: string;
  /** Null: `default`. */
  role: string | null;
  model: string | null;
  effort: ReasoningEffort | null;
  /** How much of the caller's conversation goes along; a number counts turns from the end. */
  forkTurns: "none" | "all" | number;
}

/** What a call about agents came to. `text` is for the model, within its bounds. */
export type AgentAnswer =
  | { ok: true; text: string; agents: readonly AgentStanding[] }
  | { ok: false; code: ErrorCode; message: string; agents: readonly AgentStanding[] };

export interface AgentStanding {
  threadId: string;
  state: CollabAgentState;
}

/**
 * Where a model's calls about agents go. Agents are named by task name, path or thread id; null means all of them. None
 * of these rejects.
 */
export interface AgentOffice {
  /** Of the thread whose model calls. */
  readonly threadId: string;
  /** Begins at once, or queues; does not wait for the agent. */
  spawn(order: SpawnOrder): AgentAnswer;
  /** Tells any agent of the tree something; one that is idle reads it with its next task. */
  send(target: string, message: string): Promise<AgentAnswer>;
  /** Gives an agent something more to do. */
  followUp(target: string, message: string): Promise<AgentAnswer>;
  /** Waits until one of the agents has a result, somebody says something, nobody works any more, or the time is up. */
  wait(targets: readonly string[] | null, timeoutMs: number, signal: AbortSignal): Promise<AgentAnswer>;
  /** Ends what an agent does, and waits for that. */
  interrupt(target: string): Promise<AgentAnswer>;
  /** The caller's own agents and, in short, the others of the tree; with `prefix` only those at and below that path. */
  list(prefix: string | null): AgentAnswer;
}

/** What the model is told of a kind of agent. */
export interface AgentKind {
  name: string;
  description: string;
}
