import type { ServerNotification, WireItem, WireTurn } from "@quire/protocol/app-server";
import { MARKDOWN_BEGIN } from "../markdown/finished-part.ts";
import type { Step } from "./step.ts";
import type { LiveItem, ThreadState, TimelineEntry } from "./thread-state.ts";

/** Items of which it is remembered that they were shown: more than a connection can have lost in a few turns. */
const MOST_ITEMS = 5000;
const MOST_TURNS = 500;

/** Which items and turns were told to have ended, the last ones of a thread. */
export class KnownHistory {
  readonly #items = new Set<string>();
  readonly #turns = new Set<string>();

  add(notification: ServerNotification): void {
    if (notification.method === "item/completed")
      this.#addItem(notification.params.turnId, notification.params.item);
    if (notification.method === "turn/completed") this.#addEnd(notification.params.turn.id);
  }

  /**
   * Whether this is about an item or a turn that is known to have ended. What is read of a thread may be ahead of what is
   * told: the log is written first.
   */
  isPast({ method, params }: ServerNotification): boolean {
    if (method === "turn/started" || method === "turn/completed") return this.#turns.has(params.turn.id);
    if (!("turnId" in params)) return false;
    const id = "item" in params ? params.item.id : "itemId" in params ? params.itemId : null;
    return id !== null && this.#items.has(`${params.turnId}/${id}`);
  }

  addTurn(turn: WireTurn): void {
    for (const item of turn.items) if (hasEnded(item)) this.#addItem(turn.id, item);
    if (turn.status !== "inProgress") this.#addEnd(turn.id);
  }

  isShown(turnId: string, item: WireItem): boolean {
    return this.#items.has(keyOf(turnId, item));
  }

  isOver(turn: WireTurn): boolean {
    return this.#turns.has(turn.id);
  }

  #addItem(turnId: string, item: WireItem): void {
    this.#items.add(keyOf(turnId, item));
    dropFirst(this.#items, MOST_ITEMS);
  }

  #addEnd(id: string): void {
    this.#turns.add(id);
    dropFirst(this.#turns, MOST_TURNS);
  }
}

/**
 * A thread after a gap in what was told of it, from its last turns, oldest first, and what ended in the gap. `known` is told
 * of it. An answer that was being written begins anew, since a part of it may be missing.
 */
export function caughtUp(state: ThreadState, turns: readonly WireTurn[], known: KnownHistory): Step {
  const ended: TimelineEntry[] = [];
  let running: WireTurn | null = null;
  for (const turn of turns) {
    if (known.isOver(turn)) continue;
    const missed = entriesOfTurn(turn).filter(
      (entry) => entry.kind !== "item" || !known.isShown(turn.id, entry.item),
    );
    ended.push(...missed.filter((entry) => entry.kind !== "item" || hasEnded(entry.item)));
    if (turn.status === "inProgress") running = turn;
    known.addTurn(turn);
  }
  const turnId = state.turn?.id ?? "";
  const wasCut = state.live.some(({ shown, item }) => shown > 0 && !known.isShown(turnId, item));
  if (wasCut && running !== null) ended.unshift(CUT_OFF);
  return {
    state: {
      ...state,
      turn: running === null ? null : { id: running.id, startedAtMs: (running.startedAt ?? 0) * 1000 },
      live: (running?.items ?? []).filter((item) => !hasEnded(item)).map(liveOf),
      retry: null,
      silentMs: null,
    },
    ended,
  };
}

const CUT_OFF: TimelineEntry = {
  kind: "notice",
  tone: "quiet",
  code: null,
  message: "The answer above was cut off with the connection and comes whole.",
};

/** The entries of a turn that has ended, from a thread that is read. */
export function entriesOfTurn(turn: WireTurn): TimelineEntry[] {
  const items = turn.items.map((item): TimelineEntry => {
    const { startedAtMs, completedAtMs } = item;
    const durationMs = startedAtMs && completedAtMs ? completedAtMs - startedAtMs : null;
    return { kind: "item", item, durationMs, shown: 0, fence: null, isJoined: false };
  });
  return turn.status === "inProgress" ? items : [...items, { kind: "turnEnded", turn }];
}

function liveOf(item: WireItem): LiveItem {
  return { item, startedAtMs: item.startedAtMs ?? 0, streamed: "", shown: 0, place: MARKDOWN_BEGIN };
}

/** Endpoints may give an id twice in a thread. */
function keyOf(turnId: string, { id }: WireItem): string {
  return `${turnId}/${id}`;
}

function hasEnded(item: WireItem): boolean {
  return !("status" in item) || item.status !== "inProgress";
}

function dropFirst(set: Set<string>, most: number): void {
  for (const id of set) {
    if (set.size <= most) return;
    set.delete(id);
  }
}
