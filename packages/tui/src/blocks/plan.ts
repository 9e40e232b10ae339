import type { PlanStep } from "@quire/protocol";
import { safeLine } from "../text/safe-text.ts";
import type { StyledLine } from "../text/styled-line.ts";
import { detailLine, headingLine } from "./heading.ts";

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
