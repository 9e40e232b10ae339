import { isWithin } from "@quire/protocol";

/** Beside the home and not in it: the home is hidden from commands as a whole, and these have to work here. */
export function worktreesFolder(home: string): string {
  return `${home}-worktrees`;
}

export function isManaged(home: string, folder: string): boolean {
  return folder !== worktreesFolder(home) && isWithin(folder, worktreesFolder(home));
}
