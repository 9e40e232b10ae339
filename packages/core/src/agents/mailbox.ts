import { MAIL_TAG, taggedData } from "./agent-tags.ts";

/** What one agent told another. */
export interface AgentMail {
  /** The path of who sent it. */
  readonly from: string;
  readonly text: string;
}

/** Messages that wait in one box; more are refused until they were read. */
const MOST_MAIL = 32;
/** Characters of one message; of a longer one the middle is left out. */
export const MOST_MAIL_TEXT = 8000;

/**
 * What other agents have told one agent and its model has not been shown. It is kept while the agent is idle or closed, for
 * its next task, and lost when the program ends.
 */
export class Mailbox {
  readonly #mail: AgentMail[] = [];
  #listener: (() => void) | null = null;

  get isEmpty(): boolean {
    return this.#mail.length === 0;
  }

  /** Whether the turn that reads it is sure to look again. */
  get isOpen(): boolean {
    return this.#listener !== null;
  }

  /** False when it is full. */
  put(mail: AgentMail): boolean {
    if (this.#mail.length >= MOST_MAIL) return false;
    this.#mail.push(mail);
    this.#listener?.();
    return true;
  }

  /** Empties the box, the oldest first. */
  take(): AgentMail[] {
    return this.#mail.splice(0);
  }

  open(listener: () => void): void {
    this.#listener = listener;
  }

  /** Nobody looks any more; what comes now stays. */
  close(): void {
    this.#listener = null;
  }
}

/** Mail as a model is shown it. */
export const mailRows = (mail: readonly AgentMail[]) =>
  mail.map(({ from, text }) => ({ from, message: text }));

/** Mail in words for a model: data in JSON, so that none can pass for words of somebody else's. */
export function mailText(mail: readonly AgentMail[]): string {
  return `${MAIL_TAG}\n${taggedData({ messages: mailRows(mail) })}\n</agent_messages>`;
}
