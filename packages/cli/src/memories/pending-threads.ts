import fs from "node:fs";
import { listRollouts } from "@quire/core";
import type { EngineBase, ThreadConfig } from "../engine/thread-config.ts";
import { type MadeMemories, makeMemories, type ThreadLog } from "./make-memories.ts";
import { MemoryStore } from "./memory-store.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Logs that are looked at to find some that are not done yet. */
const MOST_LOOKED_AT = 500;

export interface PendingOptions {
  /** At most so many threads. */
  limit: number;
  /** A thread that was written to later is left for another time. Milliseconds. */
  idleMs: number;
  /** Threads of this process. */
  except?: string;
  signal: AbortSignal;
  /** Told of each thread as it is done. */
  onDone?: (log: ThreadLog, made: MadeMemories) => void;
}

/** Makes memories of threads that were not looked at since they last changed, newest first. */
export async function makePendingMemories(
  base: EngineBase,
  config: ThreadConfig,
  options: PendingOptions,
): Promise<number> {
  const { limit, idleMs, except, signal, onDone } = options;
  const { maxAgeDays } = config.loaded.config.memories;
  const store = new MemoryStore(base.home);
  let done = 0;
  let looked = 0;
  for (const log of listRollouts(base.home)) {
    if (done >= limit || signal.aborted || ++looked > MOST_LOOKED_AT) break;
    const modifiedMs = fs.statSync(log.path, { throwIfNoEntry: false })?.mtimeMs;
    if (modifiedMs === undefined || log.id === except) continue;
    const age = base.system.now() - modifiedMs;
    if (age < idleMs || age > maxAgeDays * DAY_MS || store.isDone(log.id, modifiedMs)) continue;
    const made = await makeMemories(base, config, log, signal);
    if (signal.aborted) break;
    done += 1;
    onDone?.(log, made);
  }
  return done;
}

/** Whether memories are to be looked through after so many were added by each thread. */
export function wantsConsolidation({ loaded }: ThreadConfig, added: readonly number[]): boolean {
  return loaded.config.memories.consolidationModel !== null && added.some((count) => count > 0);
}

/** The same beside a thread that has begun; ends soon when `signal` aborts, and what goes wrong waits for the next time. */
export async function makeMemoriesInBackground(
  base: EngineBase,
  config: ThreadConfig,
  except: string,
  signal: AbortSignal,
): Promise<void> {
  const { maxThreads, idleHours } = config.loaded.config.memories;
  try {
    const idleMs = idleHours * HOUR_MS;
    const added: number[] = [];
    const onDone = (_: ThreadLog, made: MadeMemories) => added.push(made.added);
    await makePendingMemories(base, config, { limit: maxThreads, idleMs, except, signal, onDone });
    if (!wantsConsolidation(config, added)) return;
    const { consolidateMemories } = await import("./consolidate-memories.ts");
    await consolidateMemories(base, config, signal);
  } catch {
    // A log that cannot be read, or a full disk: the thread that runs says so itself where it matters to it.
  }
}

/** The same for one thread that has just ended. What goes wrong with it is no reason for the run to fail. */
export async function rememberThread(base: EngineBase, config: ThreadConfig, log: ThreadLog): Promise<void> {
  try {
    await makeMemories(base, config, log, new AbortController().signal);
  } catch {
    // It is not noted as looked at, so the next thread, or `quire memories update`, looks at it again.
  }
}
