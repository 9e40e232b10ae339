import { parentPort, workerData } from "node:worker_threads";
import { createFactReader, type FileFacts, type ReadTask } from "./read-facts.ts";

/** What a worker is started with. */
export interface WorkerStart {
  root: string;
  grammars: string | null;
}

/** Answers each message, a list of tasks, with the facts in the same order. Ends when its port is closed. */
async function serve(): Promise<void> {
  const { root, grammars }: WorkerStart = workerData;
  const reader = createFactReader(root, grammars, () => performance.now());
  let turn: Promise<void> = Promise.resolve();
  parentPort?.on("message", (tasks: readonly ReadTask[]) => {
    turn = turn.then(async () => {
      const facts: (FileFacts | null)[] = [];
      for (const task of tasks) facts.push(await reader.read(task));
      parentPort?.postMessage(facts);
    });
  });
  await turn;
}

void serve();
