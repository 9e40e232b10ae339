import { resolve } from "node:path";
import type { FileChange, Patch, PatchError, PatchErrorCode, PatchPlan, PathGuard } from "@quire/apply-patch";
import {
  type ErrorCode,
  type ErrorInfo,
  errorInfoOf,
  type FileChangeItem,
  type FileUpdateChange,
} from "@quire/protocol";
import { truncateMiddle } from "./output-budget.ts";
import type { Permit, PreparedCall, ToolContext, ToolResult, WrittenText } from "./tool.ts";

/** What the log keeps of one file's diff: 256 KiB. */
const DIFF_BUDGET = { maxTokens: 64 * 1024 };
/** Files may change between reading and writing; a patch that still fits is worked out again this often. */
const STALE_RETRIES = 3;

/** Where patches may write, and where an interrupted one leaves what is needed to finish or undo it. */
export interface PatchRules {
  /** For calls within the sandbox's limits. It should refuse what commands may not read, too. */
  guard: PathGuard;
  /** For calls that were approved to go beyond. Without it they get `guard` as well. */
  unconfinedGuard?: PathGuard;
  /** Folder outside of the workspace; see `applyPatch`. */
  journalDir?: string;
  /** Whether to wait for the disk before files are replaced. Default true. */
  durable?: boolean;
  /** Looks at what a patch did; what it says, bounded, is added to the answer. It never rejects and takes no longer than it may. */
  afterApply?: ((files: readonly WrittenText[], signal: AbortSignal) => Promise<string | null>) | undefined;
}

export interface PatchRequest {
  callId: string;
  patchText: string;
  /** Absolute. */
  cwd: string;
}

/**
 * Prepares a patch: says which files it writes and, where it already fits, shows its diff so that an approval can be
 * judged. What runs later is the same patch text, on the files as they are then.
 */
export async function preparePatchCall(
  request: PatchRequest,
  rules: PatchRules,
  context: ToolContext,
): Promise<PreparedCall> {
  const { parsePatch, planPatch } = await import("@quire/apply-patch");
  const parsed = parsePatch(request.patchText);
  if (!parsed.ok) {
    const item = intentOf(request, []);
    return { kind: "ready", effects: [], item, run: () => Promise.resolve(failedResult(item, parsed.error)) };
  }
  const { patch } = parsed;
  const { cwd } = request;
  const within = planPatch(patch, { cwd, guard: rules.guard });
  const isRefused = !within.ok && within.error.code === "path_refused";
  const outside = isRefused ? outsidePaths(patch, cwd, rules) : [];
  // Shown for an approval; without one it does not hold.
  const wider = outside.length > 0 ? rules.unconfinedGuard : undefined;
  const planned = wider === undefined ? within : planPatch(patch, { cwd, guard: wider });
  const item = intentOf(request, planned.ok ? planned.plan.changes.map(changeOf) : statedChanges(patch, cwd));
  const plan = planned.ok ? { ...planned.plan, goesBeyond: wider !== undefined } : null;
  const call: PatchCall = { item, patch, plan, cwd, rules };
  return {
    kind: "ready",
    effects: [
      {
        kind: "write",
        paths: writtenPaths(patch, cwd),
        ...(outside.length === 0 ? {} : { outside }),
        texts: () => (planned.ok ? writtenTexts(planned.plan) : []),
      },
    ],
    item,
    run: (permit) => runPatch(call, permit, context),
  };
}

interface PatchCall {
  item: FileChangeItem;
  patch: Patch;
  /** `goesBeyond`: made for an approval, and only good with one. */
  plan: (PatchPlan & { goesBeyond: boolean }) | null;
  cwd: string;
  rules: PatchRules;
}

async function runPatch(call: PatchCall, permit: Permit, context: ToolContext): Promise<ToolResult> {
  const { item } = call;
  const beganMs = context.monotonicMs();
  if (context.signal.aborted) {
    const error: ErrorInfo = { code: "interrupted", message: "The patch was not applied.", retryable: false };
    return { item: { ...item, status: "failed", error }, output: error.message, success: false };
  }
  try {
    const outcome = await applyFresh(call, permit);
    if (!outcome.ok) return failedResult(item, outcome.error);
    const { changes, summary, warning } = outcome.applied;
    const { formatSummary } = await import("@quire/apply-patch");
    const seconds = ((context.monotonicMs() - beganMs) / 1000).toFixed(1);
    const said = outcome.isPlanned ? await remarks(call, context.signal) : null;
    return {
      item: { ...item, changes: changes.map(changeOf), status: "completed" },
      output: `Exit code: 0\nWall time: ${seconds} seconds\nOutput:\n${formatSummary(summary)}${said ?? ""}`,
      success: true,
      ...(warning === undefined ? {} : { notices: [{ code: "patch_leftovers", message: warning }] }),
    };
  } catch (thrown) {
    const error = errorInfoOf(thrown);
    const output = `apply_patch verification failed: ${error.message}`;
    return { item: { ...item, status: "failed", error }, output, success: false };
  }
}

/** What is to be said of the files that were written, on lines of their own. */
async function remarks({ plan, rules }: PatchCall, signal: AbortSignal): Promise<string | null> {
  if (plan === null || rules.afterApply === undefined) return null;
  const said = await rules.afterApply(writtenTexts(plan), signal);
  return said === null ? null : `${said}\n`;
}

/** Writes the plan of `prepare` if the files are still the same, else works it out again. */
async function applyFresh(call: PatchCall, permit: Permit) {
  const { applyPatch, applyPlan } = await import("@quire/apply-patch");
  const { rules, plan, patch, cwd } = call;
  const unconfined = permit.sandbox === "unconfined" && rules.unconfinedGuard !== undefined;
  const guard = (unconfined ? rules.unconfinedGuard : undefined) ?? rules.guard;
  const { journalDir, durable } = rules;
  const how = {
    ...(journalDir === undefined ? {} : { journalDir }),
    ...(durable === undefined ? {} : { durable }),
  };
  // A plan that was made under the narrower guard holds for both permits.
  const planned = plan === null || (plan.goesBeyond && !unconfined) ? null : plan;
  let outcome =
    planned === null ? await applyPatch(patch, { cwd, guard, ...how }) : await applyPlan(planned, how);
  let isPlanned = planned !== null;
  for (let retry = 0; retry < STALE_RETRIES && !outcome.ok && outcome.error.code === "stale"; retry++) {
    outcome = await applyPatch(patch, { cwd, guard, ...how });
    // The files are not those that the call was prepared with, so nothing is known of how they were before.
    isPlanned = false;
  }
  return { ...outcome, isPlanned };
}

function failedResult(item: FileChangeItem, { code, message }: PatchError): ToolResult {
  const error: ErrorInfo = { code: ERROR_CODES[code], message, retryable: false };
  return {
    item: { ...item, status: "failed", error },
    output: `apply_patch verification failed: ${message}`,
    success: false,
  };
}

const ERROR_CODES = {
  bad_format: "patch_bad_format",
  missing_file: "patch_does_not_apply",
  context_not_found: "patch_does_not_apply",
  path_conflict: "patch_does_not_apply",
  stale: "patch_does_not_apply",
  path_refused: "patch_path_refused",
  io: "storage_failed",
} as const satisfies Record<PatchErrorCode, ErrorCode>;

function intentOf({ callId, patchText }: PatchRequest, changes: FileUpdateChange[]): FileChangeItem {
  const patchBytes = Buffer.byteLength(patchText);
  return { type: "fileChange", id: callId, changes, patchBytes, status: "inProgress", error: null };
}

function changeOf(change: FileChange): FileUpdateChange {
  const { added, removed } = change;
  const kind: FileUpdateChange["kind"] =
    change.kind === "add" || change.kind === "delete"
      ? { type: change.kind }
      : { type: "update", move_path: change.absoluteMovePath ?? null };
  return {
    path: change.absolutePath,
    kind,
    diff: truncateMiddle(change.diff, DIFF_BUDGET).text,
    added,
    removed,
  };
}

/** What a patch says it changes, when it cannot be worked out what it really does. */
function statedChanges(patch: Patch, cwd: string): FileUpdateChange[] {
  return patch.sections.map((section) => ({
    path: resolve(cwd, section.path),
    kind:
      section.kind === "update"
        ? {
            type: "update",
            move_path: section.movePath === undefined ? null : resolve(cwd, section.movePath),
          }
        : { type: section.kind },
    diff: "",
    added: 0,
    removed: 0,
  }));
}

function writtenTexts({ writes }: PatchPlan): WrittenText[] {
  return writes.map(({ path, before, after }) => ({
    path,
    before: before?.bytes.toString("utf8") ?? null,
    after: after?.bytes.toString("utf8") ?? null,
  }));
}

/** What the sandbox's limits refuse and an approval would let through. */
function outsidePaths(patch: Patch, cwd: string, { guard, unconfinedGuard }: PatchRules): string[] {
  if (unconfinedGuard === undefined) return [];
  return writtenPaths(patch, cwd).filter((path) => !accepts(guard, path) && accepts(unconfinedGuard, path));
}

function accepts(guard: PathGuard, path: string): boolean {
  try {
    return guard(path, "write").ok;
  } catch {
    // A path that the system cannot even look at; applying the patch says why.
    return false;
  }
}

function writtenPaths(patch: Patch, cwd: string): string[] {
  const paths = patch.sections.flatMap((section) =>
    section.kind === "update" && section.movePath !== undefined
      ? [section.path, section.movePath]
      : [section.path],
  );
  return [...new Set(paths.map((path) => resolve(cwd, path)))];
}
