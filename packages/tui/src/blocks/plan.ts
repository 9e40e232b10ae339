import type { PlanStep } from "@quire/protocol";
import { renderMarkdown } from "../markdown/render-markdown.ts";
import { safeLine } from "../text/safe-text.ts";
import { BLANK, type StyledLine } from "../text/styled-line.ts";
import type { BlockView } from "./block-view.ts";
import { detailLine, headingLine } from "./heading.ts";

/** What the agent proposes in plan mode: Markdown at the margin, so that it can be copied as it is. */
export function proposalBlock(text: string, view: BlockView): StyledLine[] {
  const lines = renderMarkdown(text, null, view);
  const heading = headingLine("plain", "Proposed plan", []);
  return lines.length === 0 ? [heading] : [heading, BLANK, ...lines];
}

/** The agent's list of steps. */
export function planBlock(steps: readonly PlanStep[], explanation: string | null | undefined): StyledLine[] {
  const done = steps.filter((step) => step.status === "completed").length;
  const why = explanation ? [detailLine([{ text: safeLine(explanation), ink: "muted", italic: true }])] : [];
  return [
    headingLine("plain", "Plan", [], [`${done} of ${steps.length} done`]),
    ...why,
    ...steps.map(stepLine),
  ];
}

function stepLine({ step, status }: PlanStep): StyledLine {
  const text = safeLine(step);
  const hanging = [{ text: "    " }];
  if (status === "completed") {
    return {
      ...detailLine([
        { text: "✔ ", ink: "good" },
        { text, ink: "muted", strike: true },
      ]),
      hanging,
    };
  }
  if (status === "inProgress") {
    return {
      ...detailLine([
        { text: "▸ ", ink: "accent" },
        { text, ink: "accent", bold: true },
      ]),
      hanging,
    };
  }
  return { ...detailLine([{ text: "□ ", ink: "muted" }, { text }]), hanging };
}
