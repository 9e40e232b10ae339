import { createReadGuard, createWriteGuard } from "@quire/sandbox";
import { sandboxDeps, sandboxPolicy } from "./sandbox-parts.ts";
import type { SessionRequest } from "./session-request.ts";
import type { Workspace } from "./workspace.ts";

/** Judges what this process may read for the model: what a command in the sandbox could read. Takes real paths. */
export function readGuard(
  { system, home, loaded }: Pick<SessionRequest, "system" | "home" | "loaded">,
  workspace: Workspace,
): (realPath: string) => boolean {
  const policy = sandboxPolicy(workspace, loaded.config, workspace.sandboxMode);
  return createReadGuard(policy, sandboxDeps(system, home));
}

/** Judges what a patch may write in the sandbox, where a permission profile says so place by place. Takes real paths. */
export function writeGuard(
  { loaded }: Pick<SessionRequest, "loaded">,
  workspace: Workspace,
): (realPath: string) => boolean {
  return createWriteGuard(sandboxPolicy(workspace, loaded.config, workspace.sandboxMode));
}
