import { createReadGuard } from "@quire/sandbox";
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
