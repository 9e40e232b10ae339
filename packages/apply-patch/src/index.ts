export { type AffectedPath, affectedPaths } from "./affected-paths.ts";
export { type AppliedPatch, type ApplyOptions, applyPatch, applyPlan } from "./apply.ts";
export type { FileChange } from "./changes.ts";
export { type FileStat, nodePatchFs, type PatchFs } from "./file-system.ts";
export { formatError, formatSummary } from "./format-result.ts";
export { APPLY_PATCH_GRAMMAR } from "./grammar.ts";
export { type DiffRun, diffLines } from "./line-diff.ts";
export type { ChunkMatch } from "./locate-chunk.ts";
export type { MatchStep } from "./match.ts";
export type { NearestLines } from "./nearest.ts";
export { type PatchOwner, processOwner } from "./owner.ts";
export { parsePatch } from "./parse.ts";
export type { Chunk, ChunkLine, Patch, PatchSection } from "./patch.ts";
export type { PatchError, PatchErrorCode, PatchResult } from "./patch-error.ts";
export {
  createPathGuard,
  type PathDecision,
  type PathGuard,
  type PathGuardOptions,
  type PathIntent,
} from "./path-guard.ts";
export { type PatchPlan, type PlanOptions, planPatch, type SummaryLine } from "./plan.ts";
export { isProtectedName } from "./protected-names.ts";
export { type RecoveredPatch, type RecoverOptions, recoverPatches } from "./recover.ts";
export { type ApplyPatchCliOptions, runApplyPatchCli } from "./run-cli.ts";
export { type EmbeddedPatch, extractHeredocPatch } from "./shell-command.ts";
export { type DiffOptions, type UnifiedDiff, unifiedDiff } from "./unified-diff.ts";
