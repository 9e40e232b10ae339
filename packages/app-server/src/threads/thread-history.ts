import { parseRollout, type RecordedTurn, readLastTurns, readTurns, type ThreadFile } from "@quire/core";
import { CodedError, type ThreadItem } from "@quire/protocol";
import type { TurnItemsView, WireTurn } from "@quire/protocol/app-server";
import type { StoredThreads } from "../engine.ts";
import { recordedTurnView } from "../wire/turn-view.ts";
import type { LoadedThread } from "./loaded-thread.ts";
import type { LoadedThreads } from "./loaded-threads.ts";

/** What a thread's log says, for threads that are open here and threads that are not. */
export class ThreadHistory {
  readonly #stored: StoredThreads;
  readonly #loaded: LoadedThreads;

  constructor(stored: StoredThreads, loaded: LoadedThreads) {
    this.#stored = stored;
    this.#loaded = loaded;
  }

  /** Oldest first. Fails with `usage_invalid` for an ephemeral thread, which keeps none. */
  async turns(threadId: string): Promise<RecordedTurn[]> {
    return readTurns(parseRollout(await this.#log(threadId)).records);
  }

  /** All of them with the events that they hold of a thread that is open here: who has read them need not be told of these. */
  async turnsSoFar(thread: LoadedThread): Promise<{ turns: RecordedTurn[]; events: number }> {
    const file = this.#file(thread.id);
    // An event is written and counted in one breath: a log of this size holds those that were counted, and no others.
    const { events } = thread;
    const bytes = this.#stored.logBytes(file);
    const log = (await this.#stored.readLog(file)).subarray(0, bytes);
    return { turns: readTurns(parseRollout(log).records), events };
  }

  /** The last of them, at least `count` where there are as many; oldest first. The rest of the log is not read. */
  async lastTurns(threadId: string, count: number): Promise<RecordedTurn[]> {
    return readLastTurns(await this.#log(threadId), count);
  }

  async #log(threadId: string): Promise<Buffer> {
    return this.#stored.readLog(this.#file(threadId));
  }

  #file(threadId: string): ThreadFile {
    if (this.#loaded.find(threadId)?.ephemeral) {
      throw new CodedError("usage_invalid", `thread ${threadId} is ephemeral: it keeps no history`);
    }
    return this.#stored.find(threadId);
  }

  async turnViews(threadId: string, view: TurnItemsView): Promise<WireTurn[]> {
    const turns = await this.turns(threadId);
    return turns.map((turn) => this.view(threadId, turn, view));
  }

  view(threadId: string, turn: RecordedTurn, view: TurnItemsView): WireTurn {
    const runningTurnId = this.#loaded.find(threadId)?.runningTurnId ?? null;
    return recordedTurnView(turn, { view, runningTurnId });
  }
}

/** One item with the turn it belongs to. */
export interface PlacedItem {
  turnId: string;
  item: ThreadItem;
}

export function placedItems(turns: readonly RecordedTurn[]): PlacedItem[] {
  return turns.flatMap((turn) => turn.items.map((item) => ({ turnId: turn.id, item })));
}

/** Item ids come from models and may repeat from turn to turn. */
export function placeKey({ turnId, item }: PlacedItem): string {
  return `${turnId}/${item.id}`;
}

/** Cursors to read a thread backwards from its end. */
export function endCursors(turns: readonly RecordedTurn[]) {
  const lastTurn = turns.at(-1);
  const lastItem = placedItems(turns).at(-1);
  return {
    turnsBackwardsCursor: lastTurn === undefined ? null : `from:${lastTurn.id}`,
    itemsBackwardsCursor: lastItem === undefined ? null : `from:${placeKey(lastItem)}`,
  };
}
