import type { ClientDeps } from "../endpoint.ts";

export interface SilenceWatch {
  /** Something arrived. Cheap: called for every event of a stream. */
  touch(): void;
  stop(): void;
}

/**
 * Tells of silence: `onStall` after each `stallNoticeMs` of it, `onIdle` once after `idleTimeoutMs`, which also stops
 * the watch. One timer at a time; it is not moved by `touch` but looks, when it fires, how long the silence was.
 */
export function watchSilence(
  times: { stallNoticeMs: number; idleTimeoutMs: number },
  deps: Pick<ClientDeps, "monotonicMs" | "setTimer">,
  on: { stall: (idleMs: number) => void; idle: (idleMs: number) => void },
): SilenceWatch {
  let last = deps.monotonicMs();
  let notices = 0;
  let cancel: (() => void) | null = null;

  const arm = (): void => {
    const nextNotice = (notices + 1) * times.stallNoticeMs;
    const due = Math.min(nextNotice, times.idleTimeoutMs) - (deps.monotonicMs() - last);
    cancel = deps.setTimer(look, Math.max(1, Math.ceil(due)));
  };
  const look = (): void => {
    const idleMs = deps.monotonicMs() - last;
    // On a busy machine both are due at once: people are told before it is given up all the same.
    if (Math.min(idleMs, times.idleTimeoutMs - 1) >= (notices + 1) * times.stallNoticeMs) {
      notices = Math.floor(idleMs / times.stallNoticeMs);
      on.stall(Math.round(idleMs));
    }
    if (idleMs >= times.idleTimeoutMs) {
      cancel = null;
      on.idle(idleMs);
    } else arm();
  };
  arm();

  return {
    touch() {
      last = deps.monotonicMs();
      notices = 0;
    },
    stop() {
      cancel?.();
      cancel = null;
    },
  };
}
