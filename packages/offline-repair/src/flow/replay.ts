import type { Conversation } from "./conversation.ts";
import type { Answer, Flow, Reply, Step } from "./step.ts";

/** A turn that waits for its next reply, with the replies it has had. */
interface Waiting {
  conversation: Conversation;
  variant: string;
  flow: Flow<Answer>;
}

/** Turns of this many threads are kept; a turn that is not kept is replayed, which only costs time. */
const KEPT = 4;

/**
 * Brings a turn to where its conversation ends. A turn that was brought nearly there by the request before is resumed
 * instead of run again: it depends on its replies alone, so both lead to the same step.
 */
export class TurnReplay {
  readonly #start: (task: string, variant: string) => Flow<Answer>;
  #waiting: Waiting[] = [];

  constructor(start: (task: string, variant: string) => Flow<Answer>) {
    this.#start = start;
  }

  /** `variant` names what else the turn was started with. */
  next(conversation: Conversation, variant: string): Step | Answer {
    const known = this.#waiting.find(
      (one) => one.variant === variant && leadsTo(one.conversation, conversation),
    );
    if (known !== undefined) this.#waiting = this.#waiting.filter((one) => one !== known);
    const flow = known?.flow ?? this.#start(conversation.task, variant);
    const missed = conversation.replies.slice(known?.conversation.replies.length ?? 0);
    let next = known === undefined ? flow.next() : undefined;
    for (const reply of missed) {
      if (next?.done) break;
      next = flow.next(reply);
    }
    if (next === undefined) throw new Error("a turn was asked for the same step twice");
    if (!next.done) this.#waiting = [{ conversation, variant, flow }, ...this.#waiting].slice(0, KEPT);
    return next.value;
  }
}

/** Whether the second conversation goes on from the first by at least one reply. */
function leadsTo(earlier: Conversation, later: Conversation): boolean {
  if (earlier.task !== later.task || earlier.replies.length >= later.replies.length) return false;
  return earlier.replies.every((reply, index) => sameReply(reply, later.replies[index]));
}

function sameReply(one: Reply, other: Reply | undefined): boolean {
  return one.output === other?.output && one.steering.join("\n") === other.steering.join("\n");
}
