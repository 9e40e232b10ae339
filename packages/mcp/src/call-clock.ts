/** The time that a call has, which stands still while a person is asked something on the server's behalf. */
export interface CallClock {
  /** Aborts when the time is over or the caller gives up. */
  readonly signal: AbortSignal;
  /** Whether it was the time that ended the call. */
  readonly expired: boolean;
  pause(): void;
  resume(): void;
  stop(): void;
}

export function startCallClock(timeoutMs: number, outer: AbortSignal, monotonicMs: () => number): CallClock {
  const ended = new AbortController();
  let left = timeoutMs;
  let since = 0;
  let pauses = 0;
  let expired = false;
  let timer: NodeJS.Timeout | undefined;
  const expire = () => {
    expired = true;
    ended.abort(new Error("the time for the call is over"));
  };
  const run = () => {
    since = monotonicMs();
    timer = setTimeout(expire, left);
  };
  run();
  return {
    signal: AbortSignal.any([outer, ended.signal]),
    get expired() {
      return expired;
    },
    pause() {
      pauses += 1;
      if (pauses > 1) return;
      clearTimeout(timer);
      left = Math.max(0, left - (monotonicMs() - since));
    },
    resume() {
      pauses -= 1;
      if (pauses === 0 && !expired) run();
    },
    stop() {
      pauses = Number.POSITIVE_INFINITY;
      clearTimeout(timer);
    },
  };
}
