import type { TestCounts } from "./counters.ts";

export type { TestCounts };

/** "5 passed, 2 failed", or what else is known. */
export function describeReport({
  passed,
  failed,
  unit,
}: {
  passed: number | null;
  failed: number | null;
  unit?: TestCounts["unit"];
}): string {
  if (passed === null || failed === null) return "the runner printed no counts";
  return `${passed} ${unit === "packages" ? "packages " : ""}passed, ${failed} failed`;
}
