import type { PlanEntry } from "./step.ts";

const STEPS = [
  "Find and run the tests",
  "Locate the suspicious lines",
  "Search for a small edit that makes the failing tests pass",
  "Apply the edit",
  "Run the tests again",
] as const;

/** The plan with the step at `current` (counted from 0) in progress and those before it done; past the end all are done. */
export function planAt(current: number): PlanEntry[] {
  return STEPS.map((step, index) => ({
    step,
    status: index < current ? "completed" : index === current ? "in_progress" : "pending",
  }));
}
