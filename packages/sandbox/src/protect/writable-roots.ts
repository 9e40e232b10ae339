import { statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { isWithin } from "@quire/protocol";
import type { SandboxUnavailable } from "../command.ts";
import type { SandboxDeps } from "../deps.ts";
import { DEFAULT_PROTECTED_NAMES, type FileRules, type SandboxPolicy } from "../policy.ts";
import { PlacedRules, writableFolders } from "./file-rules.ts";
import { canonicalPath, outermost } from "./paths.ts";

export type WritableRoots =
  | { readonly kind: "accepted"; readonly roots: readonly string[] }
  | { readonly kind: "refused"; readonly reason: SandboxUnavailable };

/** Mounted afresh inside, or owned by the system: making them writable would be confusing or fatal. */
const SYSTEM_FOLDERS = [
  "/proc",
  "/sys",
  "/dev",
  "/run",
  "/boot",
  "/etc",
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib64",
];

/**
 * The folders the policy makes writable, without symbolic links and without one inside another. Refuses any that
 * would put the user's own configuration, or ours, within reach of a command.
 */
export function writableRoots(policy: SandboxPolicy, deps: SandboxDeps): WritableRoots {
  if (policy.mode !== "workspace-write") return { kind: "accepted", roots: [] };
  const roots: string[] = [];
  const wanted = policy.files
    ? writableFolders(new PlacedRules(policy.files)).filter((path) => !liesInProtected(path, policy))
    : [...policy.workspaceRoots, ...policy.extraWritableRoots];
  for (const given of wanted) {
    const checked = checkRoot(given, deps);
    if (typeof checked === "object") return { kind: "refused", reason: ofRules(checked, policy.files) };
    roots.push(checked);
  }
  // With rules something between two of them may be read-only.
  return { kind: "accepted", roots: policy.files ? [...new Set(roots)].sort() : outermost(roots) };
}

/** Whether a folder is, or lies in, metadata that nothing opens. A workspace may itself lie in such a place. */
export function liesInProtected(
  path: string,
  { workspaceRoots, protectedNames = DEFAULT_PROTECTED_NAMES }: SandboxPolicy,
): boolean {
  const names = new Set(protectedNames.map((name) => name.toLowerCase()));
  const root = workspaceRoots
    .map((given) => canonicalPath(given) ?? given)
    .find((one) => isWithin(path, one));
  const segments = path.slice(root?.length ?? 0).split("/");
  return segments.some((segment) => names.has(segment.toLowerCase()));
}

function ofRules(refused: SandboxUnavailable, files: FileRules | undefined): SandboxUnavailable {
  if (files === undefined) return refused;
  return { ...refused, remedy: `name narrower folders in the ${files.source}, or choose another one` };
}

function checkRoot(given: string, deps: SandboxDeps): string | SandboxUnavailable {
  if (!isAbsolute(given)) return refusal(given, "it is not an absolute path");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point
  if (/[\u0000-\u001f]/.test(given)) return refusal(given, "its name contains control characters");
  const root = canonicalPath(given);
  if (root === undefined || !statSync(root).isDirectory())
    return refusal(given, "it is not an existing folder");
  if (root === "/") return refusal(given, "it is the whole file system");
  const home = canonicalPath(deps.homeDir) ?? deps.homeDir;
  if (root === home)
    return refusal(given, "it is your home folder, which holds keys and shell start-up files");
  if (isWithin(home, root)) return refusal(given, `your home folder ${home} lies inside it`);
  const state = canonicalPath(deps.stateDir) ?? deps.stateDir;
  if (isWithin(state, root) || isWithin(root, state)) {
    return refusal(given, `it overlaps our own state folder ${state}`);
  }
  const runtime = canonicalPath(deps.runtimeDir) ?? deps.runtimeDir;
  if (isWithin(root, runtime)) return refusal(given, `it lies in our own folder ${runtime}`);
  const system = SYSTEM_FOLDERS.find(
    (folder) => root === folder || (folder !== "/usr" && isWithin(root, folder)),
  );
  if (system !== undefined) return refusal(given, `${system} belongs to the operating system`);
  return root;
}

function refusal(root: string, why: string): SandboxUnavailable {
  return {
    code: "root-refused",
    cause: `the folder ${root} cannot be made writable for commands: ${why}`,
    remedy:
      "start in a project folder (for example with -C DIR), name narrower writable folders, or use read-only mode",
  };
}
