import { parentPort, workerData } from "node:worker_threads";
import { createJobReader, type ReadJob, type WorkerStart } from "./read-jobs.ts";

/** Answers each job in its turn. Ends when its port is closed. */
function serve(): void {
  const start: WorkerStart = workerData;
  const read = createJobReader(start, () => performance.now());
  let turn: Promise<void> = Promise.resolve();
  parentPort?.on("message", ({ kind, tasks }: ReadJob) => {
    turn = turn.then(async () => parentPort?.postMessage(await read(kind, tasks)));
  });
}

serve();
