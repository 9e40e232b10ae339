import fs from "node:fs";
import { join } from "node:path";
import { agentOrigin, CodedError, SessionMetaSchema } from "@quire/protocol";
import { pickThread } from "./pick-thread.ts";

/** One thread on disk, as far as its file name and first line tell. */
export interface StoredThread {
  id: string;
  path: string;
  cwd: string;
  modifiedMs: number;
  /** Whether it is the thread of another one's agent. */
  isAgent: boolean;
}

const ROLLOUT_NAME = /^rollout-.*-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jsonl$/;
const FIRST_LINE_LIMIT = 256 * 1024;

/** `sessions/YYYY/MM/DD/rollout-YYYY-MM-DDTHH-MM-SS-ID.jsonl` below the home, in UTC. */
export function rolloutPath(home: string, threadId: string, unixMs: number): string {
  const iso = new Date(unixMs).toISOString();
  const [date = "", time = ""] = iso.split("T");
  const stamp = `${date}T${time.slice(0, 8).replaceAll(":", "-")}`;
  return join(home, "sessions", ...date.split("-"), `rollout-${stamp}-${threadId}.jsonl`);
}

export function threadLocksDirectory(home: string): string {
  return join(home, "thread-writer-locks");
}

/** All threads, newest file name first. Lazy: folders are only listed as far as the caller reads. */
export function* listRollouts(home: string): Generator<{ id: string; path: string }> {
  const root = join(home, "sessions");
  for (const year of namesDescending(root, /^\d{4}$/)) {
    for (const month of namesDescending(join(root, year), /^\d\d$/)) {
      for (const day of namesDescending(join(root, year, month), /^\d\d$/)) {
        const folder = join(root, year, month, day);
        for (const name of namesDescending(folder, ROLLOUT_NAME)) {
          const id = ROLLOUT_NAME.exec(name)?.[1];
          if (id) yield { id, path: join(folder, name) };
        }
      }
    }
  }
}

/** The thread a file belongs to by its name; null for any other file. */
export function rolloutNameId(name: string): string | null {
  return ROLLOUT_NAME.exec(name)?.[1] ?? null;
}

/** Finds a thread by its id, the beginning of one, or its name, when that is unambiguous. */
export function findThread(home: string, wanted: string): StoredThread {
  return describe(pickThread(wanted, listRollouts(home), home));
}

/**
 * The thread that was written to last; only those that ran in `cwd` unless it is null. Never an agent's: whoever asks for
 * the last one means the one that they talked to.
 */
export function findLastThread(home: string, cwd: string | null): StoredThread {
  let best: StoredThread | null = null;
  let seen = 0;
  for (const candidate of listRollouts(home)) {
    // A thread can be resumed long after it began, so the newest name is not always the newest thread; a window of
    // recent ones is enough to get this right without reading the whole history.
    if (seen > 200 && best) break;
    const thread = describe(candidate);
    if (thread.isAgent) continue;
    seen += 1;
    if (cwd !== null && thread.cwd !== cwd) continue;
    if (!best || thread.modifiedMs > best.modifiedMs) best = thread;
  }
  if (best) return best;
  throw new CodedError(
    "thread_not_found",
    cwd === null ? `there are no threads in ${home}` : `no thread has run in ${cwd} yet`,
    { nextStep: cwd === null ? 'Start one: quire exec "…"' : "Use --all to look at every directory." },
  );
}

function describe(candidate: { id: string; path: string }): StoredThread {
  return {
    ...candidate,
    ...readPlace(candidate.path),
    modifiedMs: fs.statSync(candidate.path).mtimeMs,
  };
}

function readPlace(path: string): Pick<StoredThread, "cwd" | "isAgent"> {
  const fd = fs.openSync(path, "r");
  try {
    const buffer = Buffer.alloc(FIRST_LINE_LIMIT);
    const length = fs.readSync(fd, buffer, 0, buffer.length, 0);
    const newline = buffer.indexOf(10);
    const line: unknown = JSON.parse(buffer.toString("utf8", 0, newline === -1 ? length : newline));
    const payload = typeof line === "object" && line !== null && "payload" in line ? line.payload : null;
    const meta = SessionMetaSchema.parse(payload);
    return { cwd: meta.cwd, isAgent: agentOrigin(meta) !== null };
  } catch {
    // A damaged first line hides where the thread ran; it can still be opened by its id.
    return { cwd: "", isAgent: false };
  } finally {
    fs.closeSync(fd);
  }
}

function namesDescending(folder: string, pattern: RegExp): string[] {
  let names: string[];
  try {
    names = fs.readdirSync(folder);
  } catch {
    // A home without sessions yet.
    return [];
  }
  return names
    .filter((name) => pattern.test(name))
    .sort()
    .reverse();
}
