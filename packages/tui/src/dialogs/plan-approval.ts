import type { Dialog } from "./dialog.ts";
import { pickDialog } from "./pick.ts";

export type PlanChoice = "build" | "revise" | "leave";

/** Is the plan that was printed above to be built? Esc leaves it for later. */
export function planApproval(): Dialog<PlanChoice | null> {
  return pickDialog<PlanChoice>({
    title: "Build this plan? (/plan asks again)",
    choices: [
      {
        key: "b",
        label: "build it",
        hint: "plan mode is over; your rights from before hold",
        value: "build",
      },
      { key: "c", label: "change it", hint: "say what should be different", value: "revise" },
      { key: "l", label: "leave plan mode", hint: "nothing is built", value: "leave" },
    ],
  });
}
