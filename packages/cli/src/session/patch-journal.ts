import fs from "node:fs";
import path from "node:path";
import type { SessionWarning } from "./session-request.ts";

/** Where patches note what they are about to write; see `applyPatch`. */
export function patchJournal(home: string): string {
  return path.join(home, "patch-journal");
}

/** Finishes or undoes what a killed process left of its patches, and says so. Costs one look at a folder otherwise. */
export async function recoverUnfinishedPatches(home: string): Promise<SessionWarning[]> {
  const folder = patchJournal(home);
  if (!hasEntries(folder)) return [];
  const { recoverPatches } = await import("@quire/apply-patch");
  return recoverPatches(folder)
    .filter(({ outcome }) => outcome !== "busy")
    .map(({ outcome, paths, conflicts, reason }) => ({
      code: "patch_recovered",
      message: [
        `A patch that was cut off is ${outcome}: ${paths.join(", ")}.`,
        conflicts.length > 0
          ? ` Changed by somebody else since and left alone: ${conflicts.join(", ")}.`
          : "",
        reason === undefined ? "" : ` ${reason}.`,
      ].join(""),
    }));
}

function hasEntries(folder: string): boolean {
  try {
    return fs.readdirSync(folder).length > 0;
  } catch {
    // No patch has been applied with this home yet.
    return false;
  }
}
