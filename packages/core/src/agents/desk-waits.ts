import type { AgentFamily } from "./agent-family.ts";
import type { AgentPlace } from "./agent-places.ts";

/** How a wait ended: what it was for is there, the user has said something, or the time is up. */
export type WaitEnd = "over" | "steered" | "timedOut";

export interface DeskWaitsSetup {
  readonly family: AgentFamily;
  /** Given up while its agent waits; null for the user's own thread. */
  readonly place: AgentPlace | null;
  readonly hasMessages: () => boolean;
}

/** The waits of one agent for what others do. */
export class DeskWaits {
  readonly #setup: DeskWaitsSetup;
  readonly #looks = new Set<() => void>();

  constructor(setup: DeskWaitsSetup) {
    this.#setup = setup;
  }

  /** Something may have become true that somebody waits for. */
  changed(): void {
    for (const look of [...this.#looks]) look();
  }

  /** Waits for a condition that only changes of this desk, or of who is at work, can make true. Ends when `signal` aborts. */
  async until(isOver: () => boolean, timeoutMs: number | null, signal: AbortSignal): Promise<WaitEnd> {
    const { place, hasMessages } = this.#setup;
    const ending = () => (signal.aborted || isOver() ? "over" : hasMessages() ? "steered" : null);
    const wait = () => this.#wait(ending, timeoutMs, signal);
    return ending() ?? (await (place === null ? wait() : place.without(wait, signal)));
  }

  #wait(ending: () => WaitEnd | null, timeoutMs: number | null, signal: AbortSignal): Promise<WaitEnd> {
    const { family, place } = this.#setup;
    return new Promise((resolve) => {
      // Given back with the end itself: until then nobody is to think that all of the tree stands still.
      const goOn = place === null ? family.rootWaits() : () => undefined;
      const settle = (end: WaitEnd) => {
        clearTimeout(timer);
        this.#looks.delete(look);
        unwatch();
        signal.removeEventListener("abort", look);
        goOn();
        resolve(end);
      };
      const look = () => {
        const end = ending();
        if (end !== null) settle(end);
      };
      const timer = timeoutMs === null ? undefined : setTimeout(() => settle("timedOut"), timeoutMs);
      this.#looks.add(look);
      const unwatch = family.watch(look);
      signal.addEventListener("abort", look, { once: true });
      look();
      family.changed();
    });
  }
}
