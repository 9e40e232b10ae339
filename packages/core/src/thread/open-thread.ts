import fs from "node:fs";
import type {
  Cost,
  PlanStep,
  RequestHead,
  ResponseItem,
  RolloutRecord,
  SessionMeta,
  ThreadDigest,
  ThreadGoal,
  TokenUsage,
  TurnContextRecord,
} from "@quire/protocol";
import { addToDigest } from "../compaction/thread-digest.ts";
import { type ReplayedThread, replayRollout } from "../rollout/replay.ts";
import { readForResume } from "../rollout/resume-reader.ts";
import { recordsThrough } from "../rollout/reverted-records.ts";
import type { RolloutFs } from "../rollout/rollout-fs.ts";
import { parseRollout, type RolloutContents, type RolloutDamage } from "../rollout/rollout-reader.ts";
import { rolloutPath, type StoredThread, threadLocksDirectory } from "../rollout/rollout-store.ts";
import { ephemeralRollout, openRollout, type RolloutWriter } from "../rollout/rollout-writer.ts";
import { lockThread, type ThreadLockDeps } from "../rollout/thread-lock.ts";
import { settleOpenCalls } from "./settle-open-calls.ts";

/** A log that is open for writing, and what it amounts to so far. */
export interface ThreadLogState {
  threadId: string;
  meta: SessionMeta;
  log: RolloutWriter;
  history: ResponseItem[];
  usage: TokenUsage;
  cost: Cost | null;
  plan: readonly PlanStep[];
  /** What happened beside the words, for the next compaction. */
  digest: ThreadDigest;
  goal: ThreadGoal | null;
  memoryMode: "enabled" | "disabled" | null;
  lastTurnContext: TurnContextRecord | null;
  requestHead: RequestHead | null;
  /** What was wrong with the file, and calls whose outcome a crash hides; for the user to see. */
  notices: readonly ResumeNotice[];
  /** Whether the last turn was cut off before it ended. */
  unfinished: boolean;
  releaseLock: () => void;
}

export type ResumeNotice =
  | { kind: "damage"; damage: RolloutDamage; keptCopy: string | null }
  | { kind: "unknown_outcome"; description: string };

export interface ThreadLogDeps {
  home: string;
  rolloutFs: RolloutFs;
  lock: ThreadLockDeps;
  now: () => number;
}

export type NewThreadMeta = Omit<SessionMeta, "id" | "timestamp">;

/**
 * Begins a thread. Nothing is written before the lock is held; an ephemeral one writes nothing at all. `inherited` is what
 * its history begins with; no turn of its own tells of it.
 */
export async function startLog(
  threadId: string,
  meta: NewThreadMeta,
  options: { ephemeral: boolean; inherited?: readonly ResponseItem[] },
  deps: ThreadLogDeps,
): Promise<ThreadLogState> {
  const { inherited = [] } = options;
  const copied = inherited.map((payload): RolloutRecord => ({ type: "response_item", payload }));
  return openNew(threadId, meta, copied, options, deps);
}

/** Goes on with a thread. Fails with `thread_busy` when another process is writing to it. */
export async function resumeLog(stored: StoredThread, deps: ThreadLogDeps): Promise<ThreadLogState> {
  const lock = await lockThread(threadLocksDirectory(deps.home), stored.id, deps.lock);
  try {
    const contents = readForResume(fs.readFileSync(stored.path));
    const notices = repairTail(stored.path, contents, deps.now());
    const replayed = replayRollout(contents.records);
    const log = openRollout({
      path: stored.path,
      fs: deps.rolloutFs,
      now: deps.now,
      firstOrdinal: contents.nextOrdinal,
    });
    notices.push(...settle(replayed, log));
    return stateOf(stored.id, replayed, log, notices, () => lock.release());
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}

/**
 * Copies a thread's history into a new one, up to and with `lastTurnId` where that is given. The source may be in use;
 * it is only read.
 */
export async function forkLog(
  source: StoredThread,
  threadId: string,
  meta: Pick<SessionMeta, "cwd" | "originator" | "cli_version" | "source">,
  options: { ephemeral: boolean; lastTurnId?: string },
  deps: ThreadLogDeps,
): Promise<ThreadLogState> {
  const contents = parseRollout(fs.readFileSync(source.path));
  const records =
    options.lastTurnId === undefined
      ? contents.records
      : recordsThrough(contents.records, source.id, options.lastTurnId);
  const replayed = replayRollout(records);
  const merged: NewThreadMeta = {
    ...metaOf(source.id, replayed),
    ...meta,
    forked_from_id: source.id,
  };
  const copied = records
    .filter((record) => record.type !== "session_meta")
    .map((record) => asInherited(record, source.id));
  // Two threads that work towards one goal would be in each other's way.
  if (replayed.goal !== null && !options.ephemeral) {
    copied.push({ type: "event_msg", payload: { type: "thread_goal_updated", goal: null } });
  }
  return openNew(threadId, merged, copied, options, deps);
}

/** What the source has paid for counts in the totals of the thread, as it does in Codex, and is marked as paid there. */
function asInherited(record: RolloutRecord, sourceId: string): RolloutRecord {
  if (record.type !== "token_usage_record") return record;
  return {
    ...record,
    payload: { ...record.payload, inherited_from: record.payload.inherited_from ?? sourceId },
  };
}

async function openNew(
  threadId: string,
  meta: NewThreadMeta,
  copied: readonly RolloutRecord[],
  options: { ephemeral: boolean },
  deps: ThreadLogDeps,
): Promise<ThreadLogState> {
  const startedMs = deps.now();
  const lock = options.ephemeral
    ? null
    : await lockThread(threadLocksDirectory(deps.home), threadId, deps.lock);
  try {
    const log = options.ephemeral
      ? ephemeralRollout
      : openRollout({
          path: rolloutPath(deps.home, threadId, startedMs),
          fs: deps.rolloutFs,
          now: deps.now,
          firstOrdinal: 0,
        });
    const payload: SessionMeta = {
      ...meta,
      id: threadId,
      timestamp: new Date(startedMs).toISOString(),
    } as SessionMeta;
    const replayed = replayRollout([{ type: "session_meta", payload }, ...copied]);
    log.append([{ type: "session_meta", payload }, ...copied]);
    const notices = settle(replayed, log);
    return stateOf(threadId, replayed, log, notices, () => lock?.release());
  } catch (thrown) {
    lock?.release();
    throw thrown;
  }
}

function settle(replayed: ReplayedThread, log: RolloutWriter): ResumeNotice[] {
  const notices: ResumeNotice[] = [];
  const turnId = replayed.openTurnId ?? "";
  for (const settled of settleOpenCalls(replayed.unanswered)) {
    const records: RolloutRecord[] = [{ type: "response_item", payload: settled.historyItem }];
    if (settled.threadItem) {
      const item = settled.threadItem;
      records.push({ type: "event_msg", payload: { type: "item_completed", turn_id: turnId, item } });
      const description = item.type === "commandExecution" ? item.command : item.type;
      addToDigest(replayed.digest, item);
      notices.push({ kind: "unknown_outcome", description });
    }
    log.append(records);
    replayed.history.push(settled.historyItem);
  }
  return notices;
}

/** Cuts a torn last line off, keeping a copy of the file as it was found. */
function repairTail(path: string, contents: RolloutContents, now: number): ResumeNotice[] {
  const torn = contents.damage.some((damage) => damage.kind === "torn_tail");
  let keptCopy: string | null = null;
  if (torn) {
    keptCopy = `${path}.damaged-${now}`;
    fs.copyFileSync(path, keptCopy);
    fs.truncateSync(path, contents.wholeBytes);
  } else if (contents.endsWithoutNewline) {
    fs.appendFileSync(path, "\n");
  }
  return contents.damage
    .filter((damage) => damage.kind !== "foreign")
    .map((damage) => ({ kind: "damage" as const, damage, keptCopy }));
}

function metaOf(threadId: string, replayed: ReplayedThread): SessionMeta {
  return (
    replayed.meta ?? {
      id: threadId,
      timestamp: "",
      cwd: replayed.lastTurnContext?.cwd ?? "",
      originator: "unknown",
      cli_version: "unknown",
      source: "unknown",
      model_provider: replayed.lastTurnContext?.model_provider ?? "unknown",
      base_instructions: null,
    }
  );
}

function stateOf(
  threadId: string,
  replayed: ReplayedThread,
  log: RolloutWriter,
  notices: readonly ResumeNotice[],
  releaseLock: () => void,
): ThreadLogState {
  return {
    threadId,
    meta: metaOf(threadId, replayed),
    log,
    history: replayed.history,
    usage: replayed.usage,
    cost: replayed.cost,
    plan: replayed.plan,
    digest: replayed.digest,
    goal: replayed.goal,
    memoryMode: replayed.memoryMode,
    lastTurnContext: replayed.lastTurnContext,
    requestHead: replayed.requestHead,
    notices,
    unfinished: replayed.openTurnId !== null,
    releaseLock,
  };
}
