import { basename } from "node:path";
import { isWithin } from "@quire/protocol";
import type { SandboxDeps } from "../deps.ts";
import type { SandboxPolicy } from "../policy.ts";
import { PlacedRules } from "./file-rules.ts";
import { canonicalPath } from "./paths.ts";
import { type HiddenPaths, hiddenPaths, isEnvironmentFile } from "./secrets.ts";

/** The list of secrets is looked up again after this long; a patch asks about many files at once. */
const LIST_AGE_MS = 500;

/**
 * Whether the program itself may read a file on behalf of the model: the same answer that a command in the sandbox would
 * get. Takes an absolute path without links. Where commands are not confined everything may be read.
 */
export function createReadGuard(policy: SandboxPolicy, deps: SandboxDeps): (realPath: string) => boolean {
  if (policy.mode === "danger-full-access" || policy.mode === "external-sandbox") return () => true;
  const roots = [...policy.workspaceRoots, ...policy.extraWritableRoots].map(real);
  const allowed = (policy.readAllow ?? []).map(real);
  const rules = policy.files && new PlacedRules(policy.files);
  let hidden: HiddenPaths = { folders: [], files: [] };
  let listedAt = Number.NEGATIVE_INFINITY;
  return (path) => {
    if (rules?.accessTo(path) === "deny") return false;
    if (allowed.includes(path)) return true;
    if (isEnvironmentFile(basename(path)) && roots.some((root) => isWithin(path, root))) return false;
    if (deps.now() - listedAt > LIST_AGE_MS) {
      hidden = hiddenPaths(policy, deps, []);
      listedAt = deps.now();
    }
    return !hidden.files.includes(path) && !hidden.folders.some((folder) => isWithin(path, folder));
  };
}

/**
 * Whether rules of places let a file be written; where there are none, the writable roots alone decide. Takes an absolute
 * path without links.
 */
export function createWriteGuard(policy: SandboxPolicy): (realPath: string) => boolean {
  const rules = policy.files && new PlacedRules(policy.files);
  return (path) => rules === undefined || rules.accessTo(path) === "write";
}

function real(path: string): string {
  return canonicalPath(path) ?? path;
}
