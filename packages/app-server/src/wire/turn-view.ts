import type { RecordedTurn } from "@quire/core";
import type { ThreadItem, Turn } from "@quire/protocol";
import type { TurnItemsView, WireItem, WireTurn } from "@quire/protocol/app-server";
import { errorView } from "./error-view.ts";
import { itemView } from "./item-view.ts";

/** A turn as the engine announces it. `items` are those of the summary, when there are any. */
export function liveTurnView(turn: Turn, summary: readonly WireItem[]): WireTurn {
  return {
    id: turn.id,
    rootTurnId: turn.id,
    items: [...summary],
    itemsView: summary.length > 0 ? "summary" : "notLoaded",
    status: turn.status,
    error: turn.error === null ? null : errorView(turn.error),
    startedAt: seconds(turn.startedAtMs),
    completedAt: seconds(turn.completedAtMs),
    durationMs: turn.completedAtMs === null ? null : turn.completedAtMs - turn.startedAtMs,
    usage: turn.usage,
    cost: turn.cost,
    ...(turn.expected === undefined ? {} : { expected: turn.expected }),
    finalText: turn.finalText,
  };
}

/** The answer to `turn/start`, before anything has happened. */
export function startedTurnView(turnId: string): WireTurn {
  return {
    id: turnId,
    rootTurnId: turnId,
    items: [],
    itemsView: "notLoaded",
    status: "inProgress",
    error: null,
    startedAt: null,
    completedAt: null,
    durationMs: null,
  };
}

/** A turn as the log has it. One without an end that nobody works on was cut off. */
export function recordedTurnView(
  turn: RecordedTurn,
  options: { view: TurnItemsView; runningTurnId: string | null },
): WireTurn {
  const open = turn.status === "inProgress";
  const running = options.runningTurnId === turn.id;
  const { startedAtMs, completedAtMs } = turn;
  return {
    id: turn.id,
    rootTurnId: turn.id,
    items: itemsFor(turn.items, options.view).map(itemView),
    itemsView: options.view,
    status: open && !running ? "interrupted" : turn.status,
    error: turn.error === null ? null : errorView(turn.error),
    startedAt: seconds(startedAtMs),
    completedAt: seconds(completedAtMs),
    durationMs: startedAtMs === null || completedAtMs === null ? null : completedAtMs - startedAtMs,
    usage: turn.usage,
    cost: turn.cost,
    finalText: turn.finalText,
  };
}

/** The summary of a turn is what was asked and what was answered last. */
function itemsFor(items: readonly ThreadItem[], view: TurnItemsView): readonly ThreadItem[] {
  if (view === "full") return items;
  if (view === "notLoaded") return [];
  const asked = items.find((item) => item.type === "userMessage");
  const answered = items.filter((item) => item.type === "agentMessage").at(-1);
  return [asked, answered].filter((item) => item !== undefined);
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : Math.floor(ms / 1000);
}
