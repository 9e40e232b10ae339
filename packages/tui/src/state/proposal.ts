import type { WireItem } from "@quire/protocol/app-server";

/** Whether an item is a plan that the agent proposes in plan mode; one with steps is its own list of things to do. */
export function isProposal(
  item: WireItem,
): item is Extract<WireItem, { type: "plan" }> & { steps?: undefined } {
  return item.type === "plan" && item.steps === undefined;
}
