import { Worker } from "node:worker_threads";
import { CodedError } from "@quire/protocol";
import type { ReadTask } from "./file-facts.ts";
import { createJobReader, type Readings, type ReadJob, type WorkerStart } from "./read-jobs.ts";

export interface ReadPoolDeps extends WorkerStart {
  /** The bundled `worker.ts`; null reads in this thread, in slices. */
  workerFile: string | null;
  workers: number;
  monotonicMs: () => number;
}

/** Told of every file once, in any order; null: a thread came down with it. */
export type OnRead<Kind extends keyof Readings, Task extends ReadTask> = (
  task: Task,
  reading: Readings[Kind] | null,
) => void;

export interface ReadPool {
  /** Starts the threads ahead of `read`, while somebody else lists the files. */
  prepare(): void;
  /** Settles when all tasks were read, or soon after `signal` fires. One call at a time. */
  read<Kind extends keyof Readings, Task extends ReadTask>(
    kind: Kind,
    tasks: readonly Task[],
    onRead: OnRead<Kind, Task>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Ends the threads; the next `read` starts them again. */
  rest(): Promise<void>;
}

/** Files that are handed over at once: enough to hide the hand-over, few enough to stop soon. */
const HANDED_OVER = { facts: 64, symbols: 12 } as const;
/** So few files are scanned sooner than a thread starts. */
const SCANNED_HERE = 32;
/** A file that brings a thread down is left out, and another thread goes on; so many times. */
const MOST_DEATHS = 3;
const WORKER_MIB = 512;

export function createReadPool(deps: ReadPoolDeps): ReadPool {
  const idle = new Set<Worker>();
  const start = (): Worker => {
    const worker = startWorker(deps);
    worker.once("exit", () => idle.delete(worker));
    return worker;
  };
  const take = (): Worker => {
    const [worker = start()] = idle;
    idle.delete(worker);
    return worker;
  };
  return {
    prepare() {
      if (deps.workerFile === null) return;
      while (idle.size < deps.workers) idle.add(start());
    },
    async read<Kind extends keyof Readings, Task extends ReadTask>(
      kind: Kind,
      tasks: readonly Task[],
      onRead: OnRead<Kind, Task>,
      signal: AbortSignal,
    ) {
      const isHere = deps.workerFile === null || (kind === "facts" && tasks.length <= SCANNED_HERE);
      if (isHere) return readHere(deps, kind, tasks, onRead, signal);
      const batch = HANDED_OVER[kind];
      const queue: Queue<Kind, Task> = { kind, tasks, onRead, signal, batch, next: 0, deaths: 0 };
      const lanes = Array.from(
        { length: Math.min(deps.workers, Math.ceil(tasks.length / batch)) },
        async () => {
          while (queue.next < tasks.length && queue.deaths < MOST_DEATHS && !signal.aborted) {
            const worker = take();
            if (await driveWorker(worker, queue)) idle.add(worker);
          }
        },
      );
      await Promise.all(lanes);
      if (queue.next < tasks.length && !signal.aborted) {
        throw new CodedError("internal", `the threads that read files ended ${queue.deaths} times`);
      }
    },
    async rest() {
      await Promise.all([...idle].map((worker) => worker.terminate()));
    },
  };
}

interface Queue<Kind extends keyof Readings, Task extends ReadTask> {
  kind: Kind;
  tasks: readonly Task[];
  onRead: OnRead<Kind, Task>;
  signal: AbortSignal;
  batch: number;
  next: number;
  deaths: number;
}

function startWorker({ root, grammars, workerFile }: ReadPoolDeps): Worker {
  const data: WorkerStart = { root, grammars };
  const worker = new Worker(workerFile ?? "", {
    workerData: data,
    env: {},
    argv: [],
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: WORKER_MIB },
  });
  // An error is told of by the exit that follows.
  worker.on("error", () => undefined);
  return worker;
}

/** Hands batches to one thread until there are none: then it is true, and the thread is free again. False: it ended. */
function driveWorker<Kind extends keyof Readings, Task extends ReadTask>(
  worker: Worker,
  queue: Queue<Kind, Task>,
): Promise<boolean> {
  const { kind, tasks, onRead, signal } = queue;
  return new Promise((resolve) => {
    let batch: readonly Task[] = [];
    const abort = (): void => void worker.terminate();
    const settle = (isFree: boolean): void => {
      signal.removeEventListener("abort", abort);
      worker.off("message", onMessage);
      worker.off("exit", onExit);
      resolve(isFree);
    };
    const hand = (): void => {
      batch = tasks.slice(queue.next, queue.next + queue.batch);
      queue.next += batch.length;
      const job: ReadJob = { kind, tasks: batch.map(({ path, language }) => ({ path, language })) };
      if (batch.length === 0) settle(true);
      else worker.postMessage(job);
    };
    // The thread answers a job of this kind with readings of this kind.
    const onMessage = (readings: readonly Readings[Kind][]): void => {
      for (const [index, task] of batch.entries()) onRead(task, readings[index] ?? null);
      hand();
    };
    const onExit = (): void => {
      if (!signal.aborted) {
        queue.deaths++;
        for (const task of batch) onRead(task, null);
      }
      settle(false);
    };
    worker.on("message", onMessage);
    worker.on("exit", onExit);
    signal.addEventListener("abort", abort, { once: true });
    hand();
  });
}

async function readHere<Kind extends keyof Readings, Task extends ReadTask>(
  deps: ReadPoolDeps,
  kind: Kind,
  tasks: readonly Task[],
  onRead: OnRead<Kind, Task>,
  signal: AbortSignal,
): Promise<void> {
  const read = createJobReader(deps, deps.monotonicMs);
  for (const task of tasks) {
    if (signal.aborted) return;
    const [reading = null] = await read(kind, [task]);
    onRead(task, reading);
    // Whoever owns this thread has other things to do as well.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
