import type { ClientParams } from "@quire/protocol/app-server";
import { ordered, pageLimit, pageOf } from "../page.ts";
import { RpcError } from "../rpc-error.ts";
import { placedItems, placeKey, type ThreadHistory } from "../threads/thread-history.ts";
import { itemView } from "../wire/item-view.ts";
import { isOurItem, turnsFor } from "../wire/our-items.ts";
import type { Handlers } from "./handlers.ts";

const TURNS_A_PAGE = 25;

/** Turns and items of a thread, page by page. */
export function historyMethods(history: ThreadHistory): Handlers<"thread/turns/list" | "thread/items/list"> {
  return {
    async "thread/turns/list"(params, { connection }) {
      const direction = params.sortDirection ?? "desc";
      const isNewest = direction === "desc" && params.cursor == null;
      const limit = pageLimit(params.limit, TURNS_A_PAGE);
      // One more than the page holds tells whether there are more.
      const known = isNewest
        ? await history.lastTurns(params.threadId, limit + 1)
        : await history.turns(params.threadId);
      const page = pageOf(ordered(known, direction), ({ id }) => id, params, TURNS_A_PAGE);
      const view = params.itemsView ?? "summary";
      const data = page.data.map((turn) => history.view(params.threadId, turn, view));
      return { ...page, data: turnsFor(connection, data) };
    },
    async "thread/items/list"(params, { connection }) {
      const turns = await history.turns(params.threadId);
      const ofTurn = params.turnId == null ? turns : turns.filter(({ id }) => id === params.turnId);
      const placed = placedItems(ofTurn).filter(
        ({ item }) => connection.knowsOurItems || !isOurItem(itemView(item)),
      );
      const items = ordered(placed, params.sortDirection ?? "asc");
      const page = pageOf(items, placeKey, { cursor: cursorOf(params), limit: params.limit }, 100);
      const data = page.data.map(({ turnId, item }) => ({
        turnId,
        item: itemView(item),
        startedAtMs: item.startedAtMs ?? null,
        completedAtMs: item.completedAtMs ?? null,
      }));
      return { ...page, data };
    },
  };
}

/** An anchor is an item of the given turn; the page begins behind it. */
function cursorOf({ cursor, turnId }: ClientParams<"thread/items/list">): string | null {
  if (cursor == null || typeof cursor === "string") return cursor ?? null;
  if (turnId == null) {
    throw new RpcError("invalidParams", "cursor_invalid", "An item as the cursor needs a turnId.");
  }
  return `after:${turnId}/${cursor.itemId}`;
}
