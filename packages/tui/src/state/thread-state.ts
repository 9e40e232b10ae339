import type {
  BudgetState,
  CollabAgentState,
  Cost,
  ErrorInfo,
  ModeKind,
  PlanStep,
  RateLimit,
  ThreadGoal,
} from "@quire/protocol";
import type { ThreadStatus, WireItem, WireTurn } from "@quire/protocol/app-server";
import type { MarkdownPlace } from "../markdown/finished-part.ts";

/** An item that has begun and not ended. */
export interface LiveItem {
  readonly item: WireItem;
  readonly startedAtMs: number;
  /** What was streamed and is not in the timeline: the unfinished end of an answer, the tail of a command's output. */
  readonly streamed: string;
  /** Characters of an answer that went to the timeline as `text` entries. */
  readonly shown: number;
  /** Of an answer: where in its Markdown `streamed` begins. */
  readonly place: MarkdownPlace;
}

export interface TokenCounts {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly reasoning: number;
  readonly total: number;
}

export interface ThreadUsage {
  readonly total: TokenCounts;
  /** Of the last request: what the context holds now. */
  readonly last: TokenCounts;
  readonly window: number | null;
  readonly cost: Cost | null;
}

export interface RunningTurn {
  readonly id: string;
  readonly startedAtMs: number;
}

/** A request to the model that failed and comes again. */
export interface Retry {
  readonly error: ErrorInfo | null;
  readonly message: string;
  readonly attempt: number | null;
  readonly maxAttempts: number | null;
  readonly delayMs: number | null;
}

/**
 * What one thread looks like now. Made by `reduce` from the notifications of the app-server alone, so that any screen can
 * be built again from a log. What has ended is not here: it went to the timeline, once, as a `TimelineEntry`.
 */
export interface ThreadState {
  readonly threadId: string;
  readonly name: string | null;
  readonly status: ThreadStatus;
  readonly turn: RunningTurn | null;
  /** In the order in which they began. */
  readonly live: readonly LiveItem[];
  readonly plan: readonly PlanStep[];
  readonly mode: ModeKind;
  /** The item of the plan that was proposed in the running or the last turn. */
  readonly proposal: string | null;
  readonly goal: ThreadGoal | null;
  /** Where the agents of this thread stand, by their threads. */
  readonly agents: Readonly<Record<string, CollabAgentState>>;
  /** The net change of the running or the last turn as one unified diff. */
  readonly diff: string;
  readonly usage: ThreadUsage | null;
  /** What the endpoint said of its limits with its last answer. */
  readonly limits: readonly RateLimit[];
  /** How the limits on money, tokens and calls stand, as they were told last. */
  readonly budgets: readonly BudgetState[];
  readonly retry: Retry | null;
  /** How long the endpoint has been silent; null while it speaks. */
  readonly silentMs: number | null;
}

/** Something that has ended and will not change: it is printed once. */
export type TimelineEntry =
  | {
      readonly kind: "item";
      readonly item: WireItem;
      readonly durationMs: number | null;
      /** Of an answer: how many characters are in the timeline already, as `text` entries before it. */
      readonly shown: number;
      /** Of an answer: the opening line of the code block that the rest begins within. */
      readonly fence: string | null;
      /** Of an answer: the rest goes on with a list. */
      readonly isJoined: boolean;
    }
  /** A finished part of an answer that is still being written. */
  | {
      readonly kind: "text";
      readonly itemId: string;
      readonly text: string;
      readonly fence: string | null;
      /** It goes on with a list, so that no blank line belongs before it. */
      readonly isJoined: boolean;
    }
  | { readonly kind: "turnEnded"; readonly turn: WireTurn }
  | {
      readonly kind: "notice";
      readonly tone: "quiet" | "warn" | "bad";
      readonly code: string | null;
      readonly message: string;
    };

export function emptyThread(threadId: string): ThreadState {
  return {
    threadId,
    name: null,
    status: { type: "idle" },
    turn: null,
    live: [],
    plan: [],
    mode: "default",
    proposal: null,
    goal: null,
    agents: {},
    diff: "",
    usage: null,
    limits: [],
    budgets: [],
    retry: null,
    silentMs: null,
  };
}
