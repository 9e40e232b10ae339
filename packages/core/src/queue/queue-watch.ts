import fs from "node:fs";
import { join } from "node:path";

/** Notices what other processes do to the queues of messages in a home. */
export class QueueWatch {
  readonly #folder: string;
  readonly #listeners = new Map<string, Set<() => void>>();
  #watcher: fs.FSWatcher | null = null;

  constructor(home: string) {
    this.#folder = join(home, "queues");
  }

  /**
   * Calls whenever the queue of a thread may have changed, also by this process, until the returned function is called.
   * Where the file system cannot tell, it never calls.
   */
  watch(threadId: string, listener: () => void): () => void {
    const file = `${threadId}.json`;
    const listeners = this.#listeners.get(file) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(file, listeners);
    this.#watcher ??= this.#begin();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(file);
      if (this.#listeners.size === 0) this.#end();
    };
  }

  #begin(): fs.FSWatcher | null {
    try {
      fs.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      const watcher = fs.watch(this.#folder, { persistent: false }, (_event, file) => {
        // Some systems do not say which file it was.
        const changed = file === null ? [...this.#listeners.values()] : [this.#listeners.get(file) ?? []];
        for (const listener of changed.flatMap((each) => [...each])) listener();
      });
      watcher.on("error", () => this.#end());
      return watcher;
    } catch {
      // No watches left, or a home that cannot be written: what waits is seen when the next turn has ended.
      return null;
    }
  }

  #end(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }
}
