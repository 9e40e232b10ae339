import { mkdirSync, rmdirSync, statSync } from "node:fs";

const STALE_MS = 2000;
const RETRY_MS = 2;

/**
 * Runs `work` while no other process holds the lock folder. The work must be short: a holder that was killed is
 * ignored after two seconds. Blocks the event loop, because what it guards takes well under a millisecond.
 */
export function withFolderLock<T>(folder: string, work: () => T): T {
  let waited = 0;
  let holder = changedAt(folder);
  while (!tryMake(folder)) {
    sleep(RETRY_MS);
    waited += RETRY_MS;
    if (waited < STALE_MS) continue;
    if (changedAt(folder) === holder) tryRemove(folder);
    holder = changedAt(folder);
    waited = 0;
  }
  try {
    return work();
  } finally {
    tryRemove(folder);
  }
}

function tryMake(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function tryRemove(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Another process took over a lock it found stale; it will remove it.
  }
}

/** Tells one holder from the next, because each makes the folder anew. */
function changedAt(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.ctimeMs;
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
