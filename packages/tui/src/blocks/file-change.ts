import type { WireItem } from "@quire/protocol/app-server";
import { countText } from "../text/amounts.ts";
import { safeLine } from "../text/safe-text.ts";
import type { Span, StyledLine } from "../text/styled-line.ts";
import { type BlockView, shownPath } from "./block-view.ts";
import { diffLines } from "./diff-lines.ts";
import { detailLine, errorLines, headingLine, type Outcome } from "./heading.ts";

export type FileChangeItem = Extract<WireItem, { type: "fileChange" }>;
type Change = FileChangeItem["changes"][number];

const OUTCOMES: Readonly<Record<FileChangeItem["status"], Outcome>> = {
  completed: "good",
  failed: "bad",
  declined: "declined",
  inProgress: "running",
};

/** A patch: one file in the heading, several in a list below it, each with its counts and its diff. */
export function fileChangeBlock(item: FileChangeItem, view: BlockView): StyledLine[] {
  const outcome = item.error?.code === "outcome_unknown" ? "unknown" : OUTCOMES[item.status];
  const [only, ...more] = item.changes;
  if (only === undefined) return [headingLine(outcome, "Patch", []), ...errorLines(item.error)];
  if (more.length === 0) {
    return [
      headingLine(outcome, wordOf(only, item.status), subjectOf(only, view)),
      ...diffLines(only.diff, only.path, view),
      ...errorLines(item.error),
    ];
  }
  return [
    headingLine(outcome, item.status === "completed" ? "Edited" : "Patch of", [
      { text: countText(item.changes.length, "file") },
      ...counts(sum(item.changes, "added"), sum(item.changes, "removed")),
    ]),
    ...item.changes.flatMap((change) => [
      detailLine([{ text: `${wordOf(change, item.status)} `, ink: "muted" }, ...subjectOf(change, view)]),
      ...diffLines(change.diff, change.path, view),
    ]),
    ...errorLines(item.error),
  ];
}

function wordOf({ kind }: Change, status: FileChangeItem["status"]): string {
  if (status !== "completed") return "Patch of";
  if (kind.type === "update") return kind.move_path === null ? "Edited" : "Moved";
  return kind.type === "add" ? "Added" : "Deleted";
}

function subjectOf(change: Change, view: BlockView): Span[] {
  const path = safeLine(shownPath(change.path, view.cwd));
  const moved = change.kind.type === "update" ? change.kind.move_path : null;
  const to = moved === null ? "" : ` → ${safeLine(shownPath(moved, view.cwd))}`;
  return [{ text: `${path}${to}`, ink: "accent" }, ...counts(change.added ?? 0, change.removed ?? 0)];
}

function counts(added: number, removed: number): Span[] {
  return [
    ...(added > 0 ? [{ text: ` +${added}`, ink: "added" } as const] : []),
    ...(removed > 0 ? [{ text: ` -${removed}`, ink: "removed" } as const] : []),
  ];
}

function sum(changes: readonly Change[], side: "added" | "removed"): number {
  return changes.reduce((total, change) => total + (change[side] ?? 0), 0);
}
