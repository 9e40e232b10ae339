import { type ErrorInfo, errorInfoOf, type TokenUsage } from "@quire/protocol";
import type { RetryLimits } from "../endpoint.ts";
import type { ModelEvent } from "../model-client.ts";
import { type Attempt, type AttemptDeps, type AttemptTimes, startAttempt, type WireCall } from "./attempt.ts";
import { INTERRUPTED } from "./ending.ts";
import { redact } from "./redact.ts";
import { planRetry } from "./retry-plan.ts";

export interface CallPolicy {
  times: AttemptTimes;
  retries: RetryLimits;
  /** Must not appear in any error text. */
  secrets: () => Iterable<string>;
}

/** The calls of a client that go on. Not a signal: one with a listener for each of many calls warns of a leak. */
export class ActiveCalls {
  readonly #cancels = new Set<() => void>();
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  add(cancel: () => void): void {
    this.#cancels.add(cancel);
  }

  remove(cancel: () => void): void {
    this.#cancels.delete(cancel);
  }

  /** Ends every call, and each later one as soon as it begins. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#cancels) cancel();
  }
}

/**
 * One call with its retries. A retry begins the call anew, which is safe at any moment because the caller acts on what
 * was said only after `completed`. The call ends with `interrupted` when the signal aborts or its client is closed;
 * leaving the iteration early drops the connection.
 */
export async function* streamingCall(
  prepare: () => WireCall,
  policy: CallPolicy,
  deps: AttemptDeps,
  active: ActiveCalls,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, void, void> {
  const spent = { retries: 0, waitedMs: 0 };
  const stop = new AbortController();
  let attempt: Attempt | null = null;
  const cancel = (): void => {
    stop.abort();
    attempt?.cancel();
  };
  if (signal.aborted || active.closed) cancel();
  signal.addEventListener("abort", cancel, { once: true });
  active.add(cancel);
  try {
    const call = prepare();
    while (!stop.signal.aborted) {
      attempt = startAttempt(call, policy.times, deps);
      const { buffer } = attempt;
      while (!stop.signal.aborted && !(buffer.ending !== null && buffer.empty)) {
        for (const event of await buffer.take()) {
          if (stop.signal.aborted) break;
          yield event;
        }
      }
      const ending = buffer.ending;
      if (stop.signal.aborted || ending === null) break;
      if (ending.kind === "completed") {
        yield { type: "completed", completion: ending.completion };
        return;
      }
      const error = cleaned(ending.failure.error, policy);
      const retry = planRetry(ending.failure, spent, policy.retries, deps.random);
      if (retry === null) {
        yield failedEvent(error, ending.usage);
        return;
      }
      yield { type: "retrying", ...retry, error };
      await deps.sleep(retry.delayMs, stop.signal);
      spent.retries = retry.attempt;
      spent.waitedMs += retry.delayMs;
    }
    yield failedEvent(INTERRUPTED, null);
  } catch (thrown) {
    yield failedEvent(cleaned(errorInfoOf(thrown), policy), null);
  } finally {
    signal.removeEventListener("abort", cancel);
    active.remove(cancel);
    cancel();
  }
}

function failedEvent(error: ErrorInfo, usage: TokenUsage | null): ModelEvent {
  return { type: "failed", error, usage };
}

function cleaned(error: ErrorInfo, policy: CallPolicy): ErrorInfo {
  const secrets = [...policy.secrets()];
  return {
    ...error,
    message: redact(error.message, secrets),
    ...(error.next_step === undefined ? {} : { next_step: redact(error.next_step, secrets) }),
    ...(error.details === undefined ? {} : { details: redact(error.details, secrets) }),
  };
}
