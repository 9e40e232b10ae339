import type {
  CollabAgentState,
  Cost,
  ReasoningEffort,
  ResponseItem,
  ThreadItem,
  TokenUsage,
} from "@quire/protocol";
import type { OuterBudget } from "../budget/turn-budget.ts";
import type { RunningTurn } from "../thread/thread.ts";
import type { AgentPlace } from "./agent-places.ts";
import type { Mailbox } from "./mailbox.ts";

/** Who an agent is. Never changes. */
export interface AgentIdentity {
  readonly threadId: string;
  /** Such as `/root/map_the_tests`. */
  readonly path: string;
  readonly role: string;
}

/** How the thread of an agent is to be opened. */
export interface AgentOpening extends AgentIdentity {
  /** False: it has a log already and goes on with it. */
  readonly isNew: boolean;
  /** What was asked for with the call; null leaves it to the role. */
  readonly model: string | null;
  readonly effort: ReasoningEffort | null;
  /** What a new thread's history begins with: the conversation of whoever starts it, as far as it is to know that. */
  readonly inherited: readonly ResponseItem[];
  /** Where the agent works; gives it up while it waits for agents of its own. */
  readonly place: AgentPlace;
  /** Told of everything that is spent in the thread, its own agents' requests included, before anything else happens. */
  readonly onSpent: (spent: AgentSpending) => void;
}

export interface AgentSpending {
  readonly usage: TokenUsage;
  readonly cost: Cost;
  readonly model: string;
  readonly contextWindow: number | null;
}

/** The thread of an agent while it is open. */
export interface AgentThread {
  /** Where the whole of its work can be read; null without a log. */
  readonly log: string | null;
  readonly model: string;
  readonly effort: ReasoningEffort | null;
  /** `outer` are the limits of those that it works for. */
  startTurn(message: string, outer: OuterBudget | null): Promise<RunningTurn>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** Opens the threads of agents. What cannot be opened rejects with the code of the reason. */
export interface AgentThreads {
  open(opening: AgentOpening, signal: AbortSignal): Promise<AgentThread>;
}

/** What a turn gives its agents. */
export interface AgentScope {
  readonly signal: AbortSignal;
  /** Whether the user has said something that the model has not been told. */
  hasMessages(): boolean;
  /** What the model has been shown so far. */
  history(): readonly ResponseItem[];
  completed(item: ThreadItem): void;
  bill(spent: AgentSpending & { responseId: null; purpose: string }): void;
  readonly outer: OuterBudget | null;
}

/** What a turn needs of the agents of its thread. */
export interface TurnAgents {
  enter(scope: AgentScope): void;
  /**
   * What agents came to and said that the model has not heard, in messages for it. Waits while there is nothing and some
   * work. Empty when the user has said something meanwhile; null when there is nothing left to hear.
   */
  atStop(signal: AbortSignal): Promise<string[] | null>;
  /** What agents have said since the last request, in words for the model; null when nothing. Announces it. */
  takeMail(): string | null;
  /** The user has said something: whoever waits for agents stops waiting. */
  steered(): void;
  /** Ends what still works. Resolves when nothing is spent for the turn any more. */
  leave(): Promise<void>;
}

/** An agent as it stands now. */
export interface Agent extends AgentIdentity {
  readonly asked: { readonly model: string | null; readonly effort: ReasoningEffort | null };
  /** Given to its thread when that is opened for the first time. */
  inherited: readonly ResponseItem[];
  status: CollabAgentState["status"];
  /** Its last answer. */
  message: string | null;
  error: NonNullable<CollabAgentState["error"]> | null;
  usage: TokenUsage | null;
  cost: Cost | null;
  /** Whether there is a thread of this id. */
  hasThread: boolean;
  thread: AgentThread | null;
  /** What others tell it. */
  readonly box: Mailbox;
  task: AgentTask | null;
  /** Whether it came to something that the model has not been told. */
  unread: boolean;
}

/** One task of an agent, from the queue to its end. */
export interface AgentTask {
  readonly controller: AbortController;
  /** Never rejects. */
  readonly done: Promise<void>;
  turn: RunningTurn | null;
}
