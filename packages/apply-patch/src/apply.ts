import type { FileChange } from "./changes.ts";
import { nodePatchFs, type PatchFs } from "./file-system.ts";
import { FolderReplacedError, Folders } from "./folders.ts";
import { type PatchOwner, processOwner } from "./owner.ts";
import type { Patch } from "./patch.ts";
import { failure, type PatchError, type PatchResult } from "./patch-error.ts";
import { type PatchPlan, type PlanOptions, planPatch, type SummaryLine } from "./plan.ts";
import { StagedPatch } from "./staged-patch.ts";

export interface ApplyOptions {
  readonly fs?: PatchFs;
  /**
   * Folder outside of the workspace for the journal, made when missing. Without it a kill in the middle of a
   * patch over several files cannot be recovered; errors are undone either way.
   */
  readonly journalDir?: string;
  /** Wait for the disk before files are replaced; default true. A kill needs no waiting, a power cut does. */
  readonly durable?: boolean;
  readonly owner?: PatchOwner;
}

/** A patch that is on the disk. */
export interface AppliedPatch {
  readonly changes: readonly FileChange[];
  readonly summary: readonly SummaryLine[];
  /** The patch is complete, but something could not be tidied up afterwards. */
  readonly warning?: string;
}

/** Plans and applies a patch: all of it or nothing. */
export async function applyPatch(
  patch: Patch | string,
  options: PlanOptions & ApplyOptions,
): Promise<PatchResult<{ readonly applied: AppliedPatch }>> {
  const planned = planPatch(patch, options);
  return planned.ok ? applyPlan(planned.plan, options) : planned;
}

/**
 * Writes a plan. Before the first file is replaced every new content lies complete beside its target and every
 * file is compared with the plan; if one changed, the error is `stale` and nothing happened. A failure while files
 * are replaced is undone.
 */
export async function applyPlan(
  plan: PatchPlan,
  { fs = nodePatchFs, journalDir, durable = true, owner = processOwner() }: ApplyOptions = {},
): Promise<PatchResult<{ readonly applied: AppliedPatch }>> {
  const applied = { changes: plan.changes, summary: plan.summary };
  if (plan.writes.length === 0) return { ok: true, applied };
  const folders = new Folders(fs);
  const staged = new StagedPatch(plan.writes, { fs, folders, journalDir, owner });
  try {
    const error = await writeAll(staged, durable);
    if (error !== undefined) return failure(staged.undo(error));
    const warning = staged.tidyUp();
    return { ok: true, applied: warning === undefined ? applied : { ...applied, warning } };
  } finally {
    folders.close();
  }
}

async function writeAll(staged: StagedPatch, durable: boolean): Promise<PatchError | undefined> {
  try {
    staged.begin();
    staged.stage();
    if (durable) await staged.sync();
    const stale = staged.findStale();
    if (stale !== undefined) return stale;
    staged.commit();
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const code = error instanceof FolderReplacedError ? "path_refused" : "io";
    return { code, message: `Failed to ${staged.doing}: ${reason}` };
  }
}
