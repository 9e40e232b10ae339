import * as path from "node:path";
import { type FileChange, reportChanges } from "./changes.ts";
import type { PatchFs } from "./file-system.ts";
import { nodePatchFs } from "./file-system.ts";
import { Folders } from "./folders.ts";
import { parsePatch } from "./parse.ts";
import type { Patch } from "./patch.ts";
import { failure, type PatchError, type PatchResult } from "./patch-error.ts";
import { createPathGuard, type PathGuard } from "./path-guard.ts";
import { runSection } from "./run-section.ts";
import { type FileAfter, type FileBefore, type WorkingFile, WorkingFiles } from "./working-files.ts";

/** One file to put in place or to remove. */
export interface PlannedWrite {
  /** Accepted by the path guard; no folder in it is a link. */
  readonly path: string;
  readonly before: FileBefore | undefined;
  readonly after: FileAfter | undefined;
}

/** Everything a patch will do, worked out in memory. Nothing has been written. */
export interface PatchPlan {
  /** The net effect on each file, in the order in which the patch first names them. */
  readonly changes: readonly FileChange[];
  /** One entry per section of the patch, as the success message lists them. */
  readonly summary: readonly SummaryLine[];
  /** What `applyPlan` writes. */
  readonly writes: readonly PlannedWrite[];
}

/** `path` is the one written in the patch; for a moved file the new one. */
export interface SummaryLine {
  readonly letter: "A" | "M" | "D";
  readonly path: string;
}

export interface PlanOptions {
  /** Absolute. Paths in the patch are relative to it. */
  readonly cwd: string;
  /** Default: only paths within `cwd`, and nothing named `.git`. */
  readonly guard?: PathGuard;
  readonly fs?: PatchFs;
}

/** Reads the files and works out the whole patch without writing anything. */
export function planPatch(
  patch: Patch | string,
  { cwd, fs = nodePatchFs, guard = createPathGuard({ root: cwd, fs }) }: PlanOptions,
): PatchResult<{ readonly plan: PatchPlan }> {
  const parsed = typeof patch === "string" ? parsePatch(patch) : ({ ok: true, patch } as const);
  if (!parsed.ok) return parsed;
  const { sections } = parsed.patch;
  if (sections.length === 0) return failure({ code: "bad_format", message: "No files were modified." });
  const folders = new Folders(fs);
  const files = new WorkingFiles(fs, folders);
  try {
    for (const section of sections) {
      const error = runSection(section, { cwd, guard, files });
      if (error !== undefined) return failure(error);
    }
    const plan = finishPlan(files, cwd, sections);
    const conflict = findConflict(plan.writes);
    return conflict === undefined ? { ok: true, plan } : failure(conflict);
  } finally {
    folders.close();
  }
}

function finishPlan(files: WorkingFiles, cwd: string, sections: Patch["sections"]): PatchPlan {
  const writes: PlannedWrite[] = [];
  for (const file of files.all()) {
    if (!isUnchanged(file)) writes.push({ path: file.path, before: file.before, after: file.after });
  }
  return { changes: reportChanges(files.all(), cwd), summary: sections.map(summaryLine), writes };
}

function isUnchanged({ before, after }: Pick<WorkingFile, "before" | "after">): boolean {
  if (before === after || (before === undefined && after === undefined)) return true;
  const same = before?.kind === "file" && before.sha256 === after?.sha256;
  return same && before.attributes.mode === after.attributes?.mode;
}

function summaryLine(section: Patch["sections"][number]): SummaryLine {
  if (section.kind === "add") return { letter: "A", path: section.path };
  if (section.kind === "delete") return { letter: "D", path: section.path };
  return { letter: "M", path: section.movePath ?? section.path };
}

/** A file cannot become a folder in one step that can also be undone, so this is refused before anything happens. */
function findConflict(writes: readonly PlannedWrite[]): PatchError | undefined {
  const files = new Set(writes.map((write) => write.path));
  for (const { path: file, after } of writes) {
    if (after === undefined) continue;
    for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
      if (!files.has(folder)) continue;
      const reason = `The patch has ${folder} both as a file and as a folder. If it is to become a folder, use two patches.`;
      return { code: "path_conflict", message: `Failed to write file ${file}\n${reason}` };
    }
  }
  return undefined;
}
