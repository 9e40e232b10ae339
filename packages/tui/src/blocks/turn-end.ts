import type { WireTurn } from "@quire/protocol/app-server";
import { costText, durationText, tokensText } from "../text/amounts.ts";
import { lineOf, type StyledLine } from "../text/styled-line.ts";
import { noticeBlock } from "./message.ts";

/** How a turn ended: its time, its tokens and its cost; when it failed, why, with the code and what to do. */
export function turnEndBlock(turn: WireTurn): StyledLine[] {
  const facts = [
    ...(turn.durationMs === null ? [] : [durationText(turn.durationMs)]),
    ...(turn.usage ? [`${tokensText(turn.usage.input_tokens + turn.usage.output_tokens)} tokens`] : []),
    ...(turn.cost ? [costText(turn.cost)] : []),
  ];
  const figures = facts.length === 0 ? [] : [lineOf(`── ${facts.join(" · ")}`, { ink: "muted" })];
  if (turn.status === "interrupted" && turn.error?.error?.code !== "budget_exceeded") {
    return [...noticeBlock("warn", "Interrupted. What was done so far is kept.", null), ...figures];
  }
  if (turn.error === null) return figures;
  const { error, message } = turn.error;
  const next = error?.next_step;
  return [
    ...noticeBlock("bad", error?.message ?? message, error?.code ?? null),
    ...(next === undefined ? [] : noticeBlock("quiet", next, null)),
    ...figures,
  ];
}
