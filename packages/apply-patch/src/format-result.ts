import type { PatchError } from "./patch-error.ts";
import type { SummaryLine } from "./plan.ts";

const ORDER = ["A", "M", "D"] as const;

/** The text that the `apply_patch` command prints on success; added files first, then modified, then deleted. */
export function formatSummary(summary: readonly SummaryLine[]): string {
  const lines = ORDER.flatMap((letter) =>
    summary.filter((line) => line.letter === letter).map((line) => `${letter} ${line.path}\n`),
  );
  return `Success. Updated the following files:\n${lines.join("")}`;
}

/** The text for a patch that was not applied, with a final line feed. */
export function formatError(error: PatchError): string {
  return `${error.message}\n`;
}
