import { setTimeout as sleepFor } from "node:timers/promises";
import type { ClientDeps } from "../src/endpoint.ts";

/** The real clock and timers, as the composition root would give them, with chance taken out. */
export function processDeps(changes: Partial<ClientDeps> = {}): ClientDeps {
  return {
    monotonicMs: () => performance.now(),
    nowMs: () => Date.now(),
    random: () => 0.5,
    setTimer: (callback, ms) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    sleep: async (ms, signal) => {
      try {
        await sleepFor(ms, undefined, { signal });
      } catch {
        // Aborted, which is an end of the wait like any other.
      }
    },
    ...changes,
  };
}
