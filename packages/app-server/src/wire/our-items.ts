import type { WireItem, WireTurn } from "@quire/protocol/app-server";

/** Types that a client made for Codex cannot read. What they say reaches it as `warning` and as the question itself. */
const OURS: ReadonlySet<string> = new Set<WireItem["type"]>([
  "approval",
  "networkAccess",
  "ruleCheck",
  "warning",
]);

export function isOurItem({ type }: Pick<WireItem, "type">): boolean {
  return OURS.has(type);
}

/** Turns as a client sees them that may not know our item types. */
export function turnsFor(client: { knowsOurItems: boolean }, turns: readonly WireTurn[]): WireTurn[] {
  if (client.knowsOurItems) return [...turns];
  return turns.map((turn) => ({ ...turn, items: turn.items.filter((item) => !isOurItem(item)) }));
}
