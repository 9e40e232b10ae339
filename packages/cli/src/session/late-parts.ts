import type { SandboxDeps } from "@quire/sandbox";
import type { OwnedEditChecks } from "./edit-checks.ts";
import { featureEnabled } from "./features.ts";
import type { OwnedTool } from "./repo-map.ts";
import type { SessionRequest } from "./session-request.ts";
import type { Workspace } from "./workspace.ts";

/** Tools that only some threads have; the code of those that are off is not loaded. */
export async function openOwnedTools(request: SessionRequest, place: () => Workspace): Promise<OwnedTool[]> {
  if (!featureEnabled(request.loaded.config, "repo_map")) return [];
  const { openRepoMap } = await import("./repo-map.ts");
  return [await openRepoMap(request, place)];
}

/** What language servers say of edits; null where none is asked for. */
export async function openWantedEditChecks(
  request: SessionRequest,
  place: () => Workspace,
  deps: SandboxDeps,
): Promise<OwnedEditChecks | null> {
  const { config } = request.loaded;
  const wanted = featureEnabled(config, "edit_diagnostics") || config.languageServers.length > 0;
  if (!wanted || config.features.edit_diagnostics === false) return null;
  const { openSessionEditChecks } = await import("./edit-checks.ts");
  return openSessionEditChecks(request, place, deps);
}
