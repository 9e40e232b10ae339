import { Worker } from "node:worker_threads";
import { createFactReader, type FileFacts, type ReadTask } from "./read-facts.ts";
import type { WorkerStart } from "./worker.ts";

export interface ReadPoolDeps {
  root: string;
  grammars: string | null;
  /** The bundled `worker.ts`; null reads in this thread, in slices. */
  workerFile: string | null;
  workers: number;
  monotonicMs: () => number;
}

/** Told of every file once, in any order; null facts: it could not be read. */
export type OnFacts = (task: ReadTask, facts: FileFacts | null) => void;

export interface ReadPool {
  /** Starts the threads ahead of `readAll`, while somebody else lists the files. */
  prepare(): void;
  /** Settles when all tasks were read, or soon after `signal` fires. */
  readAll(tasks: readonly ReadTask[], onFacts: OnFacts, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Files that are handed over at once: large enough to hide the hand-over, small enough to stop soon. */
const BATCH = 24;
/** A file that brings a worker down is left out, and another worker goes on; so many times. */
const MOST_DEATHS = 3;
const WORKER_MIB = 512;

export function createReadPool(deps: ReadPoolDeps): ReadPool {
  const running = new Set<Worker>();
  const idle: Worker[] = [];
  let closed = false;
  return {
    prepare() {
      if (closed || deps.workerFile === null || running.size > 0) return;
      for (let count = 0; count < deps.workers; count++) {
        const worker = startWorker(deps, running);
        idle.push(worker);
        // One that ended before it was needed must not be waited for.
        worker.on("exit", () => {
          const at = idle.indexOf(worker);
          if (at >= 0) idle.splice(at, 1);
        });
      }
    },
    async readAll(tasks, onFacts, signal) {
      const queue = { next: 0, deaths: 0 };
      if (deps.workerFile === null) return readHere(deps, tasks, onFacts, signal);
      const count = Math.min(deps.workers, Math.ceil(tasks.length / BATCH));
      const lanes = Array.from({ length: count }, async () => {
        while (queue.next < tasks.length && queue.deaths < MOST_DEATHS && !signal.aborted && !closed) {
          await driveWorker(idle.pop() ?? startWorker(deps, running), tasks, queue, onFacts, signal);
        }
      });
      await Promise.all(lanes);
      await Promise.all(idle.splice(0).map((worker) => worker.terminate()));
    },
    async close() {
      closed = true;
      await Promise.all([...running].map((worker) => worker.terminate()));
    },
  };
}

interface Queue {
  next: number;
  deaths: number;
}

function startWorker({ root, grammars, workerFile }: ReadPoolDeps, running: Set<Worker>): Worker {
  const data: WorkerStart = { root, grammars };
  const worker = new Worker(workerFile ?? "", {
    workerData: data,
    env: {},
    argv: [],
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: WORKER_MIB },
  });
  running.add(worker);
  // An error is told of by the exit that follows.
  worker.on("error", () => undefined);
  worker.on("exit", () => running.delete(worker));
  return worker;
}

/** One worker until its end; it takes batches until there are none. */
function driveWorker(
  worker: Worker,
  tasks: readonly ReadTask[],
  queue: Queue,
  onFacts: OnFacts,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    let batch: readonly ReadTask[] = [];
    const end = (): void => void worker.terminate();
    const hand = (): void => {
      batch = signal.aborted ? [] : tasks.slice(queue.next, queue.next + BATCH);
      queue.next += batch.length;
      if (batch.length === 0) end();
      else worker.postMessage(batch);
    };
    worker.on("message", (facts: readonly (FileFacts | null)[]) => {
      const read = batch;
      batch = [];
      for (const [index, task] of read.entries()) onFacts(task, facts[index] ?? null);
      hand();
    });
    worker.on("exit", () => {
      signal.removeEventListener("abort", end);
      if (batch.length > 0 && !signal.aborted) {
        queue.deaths++;
        for (const task of batch) onFacts(task, null);
      }
      resolve();
    });
    signal.addEventListener("abort", end, { once: true });
    hand();
  });
}

async function readHere(
  { root, grammars, monotonicMs }: ReadPoolDeps,
  tasks: readonly ReadTask[],
  onFacts: OnFacts,
  signal: AbortSignal,
): Promise<void> {
  const reader = createFactReader(root, grammars, monotonicMs);
  for (const [index, task] of tasks.entries()) {
    if (signal.aborted) return;
    onFacts(task, await reader.read(task));
    // Whoever owns this thread has other things to do as well.
    if (index % BATCH === BATCH - 1) await new Promise((resolve) => setImmediate(resolve));
  }
}
