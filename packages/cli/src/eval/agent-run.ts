import os from "node:os";
import { type Agent, type AgentSettings, openAgent, openJournal } from "@quire/evals";
import { CodedError } from "@quire/protocol";
import { createSandbox } from "@quire/sandbox";
import type * as z from "zod/mini";
import { sandboxDeps } from "../session/sandbox-parts.ts";
import type { System } from "../system.ts";
import { wrongUse } from "./eval-options.ts";
import { startProgress } from "./progress.ts";

/** Starts this very program's app-server: tasks go through the same door as real work. */
export function startAgent(system: System, settings: AgentSettings): Promise<Agent> {
  const command = { command: system.self.file, args: [...system.self.args, "app-server"], env: system.env };
  return openAgent(command, settings);
}

/** The tasks that were asked for, by id. Fails with `usage_invalid`, naming those that are not there. */
export function chosen<Task>(
  name: string,
  tasks: readonly Task[],
  only: readonly string[] | undefined,
  idOf: (task: Task) => string,
): readonly Task[] {
  if (only === undefined) return tasks;
  const ids = new Set(tasks.map(idOf));
  const unknown = only.filter((id) => !ids.has(id));
  if (unknown.length > 0) throw wrongUse(name, `no task is called ${unknown.join(", ")}`);
  return tasks.filter((task) => only.includes(idOf(task)));
}

/** Where scratch copies are made. */
export function scratchFolder(system: System): string {
  return system.env.TMPDIR || os.tmpdir();
}

/** For checks, which run what an agent wrote: confined to the folder, without network. */
export function checkSandbox(folder: string, system: System, home: string) {
  return createSandbox(
    {
      mode: "workspace-write",
      workspaceRoots: [folder],
      extraWritableRoots: [],
      network: "off",
      environment: { inherit: "core" },
    },
    sandboxDeps(system, home),
  );
}

export interface TaskRun<Task, Row> {
  readonly tasks: readonly Task[];
  readonly idOf: (task: Task) => string;
  /** The id of the task a row is about. */
  readonly taskOf: (row: Row) => string;
  readonly schema: z.ZodMiniType<Row>;
  /** Finished rows are kept here, and not made again; undefined keeps none. */
  readonly file: string | undefined;
  readonly workers: number;
  /** What is counted, for the progress line. */
  readonly label: string;
  readonly system: System;
}

/**
 * Does the tasks whose rows `file` does not hold, some at a time, and gives all rows in the order of the tasks. Stopped by
 * the user it fails with `interrupted`; rows that were finished are on disk.
 */
export async function runTasks<Task, Row>(
  { tasks, idOf, taskOf, schema, file, workers, label, system }: TaskRun<Task, Row>,
  work: (task: Task, signal: AbortSignal) => Promise<Row>,
): Promise<Row[]> {
  const journal = file === undefined ? undefined : openJournal(file, schema);
  const done = new Map((journal?.before ?? []).map((row) => [taskOf(row), row]));
  const stop = new AbortController();
  const stopListening = system.onStop(() => stop.abort(interrupted(file)));
  const progress = startProgress(system, label, tasks.length);
  const waiting = tasks.filter((task) => {
    const isDone = done.has(idOf(task));
    if (isDone) progress.skip();
    return !isDone;
  });
  const queue = waiting.values();
  const worker = async (): Promise<void> => {
    for (const task of queue) {
      stop.signal.throwIfAborted();
      const row = await work(task, stop.signal);
      stop.signal.throwIfAborted();
      done.set(idOf(task), row);
      journal?.append(row);
      progress.step();
    }
  };
  try {
    // One that fails stops the others, which end before anything is closed that they use.
    const ends = Array.from({ length: workers }, () => worker().catch((error) => stop.abort(error)));
    await Promise.all(ends);
    stop.signal.throwIfAborted();
  } finally {
    progress.end();
    journal?.close();
    stopListening();
  }
  return tasks.flatMap((task) => done.get(idOf(task)) ?? []);
}

function interrupted(file: string | undefined): CodedError {
  return new CodedError("interrupted", "stopped before all tasks were done", {
    nextStep:
      file === undefined
        ? "Run it again."
        : `Run the same command again to go on; ${file} keeps what is done.`,
  });
}
