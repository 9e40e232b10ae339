import type { FileUpdateChange } from "@quire/protocol";
import { applyHunks, hunksOf } from "./apply-diff.ts";

/** Contents by path, one character per byte; null where there is no file. */
export interface FileContents {
  read(path: string): string | null;
}

export interface Problem {
  path: string;
  reason: string;
}

/** What files are to hold in the end, and what cannot be done. Nothing has been written. */
export interface Replay {
  results: ReadonlyMap<string, string | null>;
  problems: readonly Problem[];
}

/** Does recorded changes again in memory, each on the result of the one before. */
export function replayChanges(changes: readonly FileUpdateChange[], files: FileContents): Replay {
  const results = new Map<string, string | null>();
  const problems: Problem[] = [];
  const now = (path: string): string | null => {
    const known = results.get(path);
    return known === undefined ? files.read(path) : known;
  };
  for (const change of changes) {
    const outcome = resultOf(change, now(change.path));
    if (typeof outcome === "object" && outcome !== null) {
      problems.push({ path: change.path, reason: outcome.reason });
      continue;
    }
    const target = change.kind.type === "update" ? change.kind.move_path : null;
    if (target === null || target === change.path) {
      results.set(change.path, outcome);
      continue;
    }
    if (now(target) !== null) problems.push({ path: target, reason: "a file of that name is there already" });
    results.set(change.path, null);
    results.set(target, outcome);
  }
  return { results, problems };
}

function resultOf(change: FileUpdateChange, before: string | null): string | null | { reason: string } {
  const hunks = hunksOf(Buffer.from(change.diff, "utf8").toString("latin1"));
  if (hunks === null) return { reason: "its diff is not text, so it cannot be applied" };
  if (change.kind.type === "add") {
    // Written over a file, an added one has its old lines in the diff and is applied like a change.
    const isNew = hunks.every(({ oldLines }) => oldLines.length === 0);
    const content = hunks.flatMap(({ newLines }) => newLines).join("");
    if (isNew) return before === null || before === content ? content : { reason: "it is there already" };
  }
  if (before === null) return { reason: "it is not there" };
  const applied = applyHunks(before, hunks);
  if (!applied.ok) return { reason: applied.reason };
  if (change.kind.type !== "delete") return applied.text;
  return applied.text === "" ? null : { reason: "it holds more than was deleted" };
}
