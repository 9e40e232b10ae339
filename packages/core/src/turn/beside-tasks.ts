import type { ResponseItem } from "@quire/protocol";
import type { TaskScope, TurnTask } from "./turn-task.ts";

/** The tasks that go on beside the turns of a thread. */
export class BesideTasks {
  readonly #running = new Map<AbortController, Promise<void>>();

  start(task: TurnTask, scope: TaskScope, remember: (items: readonly ResponseItem[]) => void): void {
    const controller = new AbortController();
    const signal = AbortSignal.any([scope.signal, controller.signal]);
    const done = task({ ...scope, signal, remember })
      .then(() => undefined)
      // Only a log that cannot be written gets here, and the turn says so with its own next line.
      .catch(() => undefined)
      .finally(() => this.#running.delete(controller));
    this.#running.set(controller, done);
  }

  /** Ends them all and waits for it. */
  async end(): Promise<void> {
    for (const controller of this.#running.keys()) controller.abort();
    await Promise.all(this.#running.values());
  }
}
