import { resetText } from "@quire/protocol";
import type { WireTurn } from "@quire/protocol/app-server";
import { costText, countText, durationText, tokensText } from "../text/amounts.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf, type StyledLine } from "../text/styled-line.ts";
import { noticeBlock } from "./message.ts";

/** How a turn ended: its time, its tokens and its cost; when it failed, why, with the code and what to do. */
export function turnEndBlock(turn: WireTurn): StyledLine[] {
  const facts = [
    ...checkFacts(turn),
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
  const reset = error == null ? null : resetText(error);
  return [
    ...noticeBlock("bad", error?.message ?? message, error?.code ?? null),
    ...(next === undefined ? [] : noticeBlock("quiet", next, null)),
    ...(reset === null ? [] : noticeBlock("quiet", reset, null)),
    ...figures,
  ];
}

/** The last check that ran after the last edit: what the harness saw, not what the model says. */
function checkFacts({ evidence }: WireTurn): string[] {
  if (!evidence || evidence.files.length === 0) return [];
  const check = evidence.commands.findLast(({ afterLastEdit }) => afterLastEdit);
  const files = countText(evidence.files.length, "file");
  if (check === undefined) return [`${files} changed, nothing run since`];
  const { tests } = check;
  const unit = tests?.unit === "packages" ? "packages " : "";
  const counts = tests ? `: ${tests.passed} ${unit}passed, ${tests.failed} failed` : "";
  const name = safeLine(check.command.split("\n")[0] ?? "").slice(0, 40);
  return [
    `${files} changed, then ${name} ${check.exitCode === 0 ? "passed" : `ended with ${check.exitCode ?? "no code"}`}${counts}`,
  ];
}
