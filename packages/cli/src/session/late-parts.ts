import type { NetworkConfig } from "@quire/config";
import type { ThreadLogState, WorkTree } from "@quire/core";
import type { SandboxDeps } from "@quire/sandbox";
import type { OpenedAgents } from "../subagents/open-session-agents.ts";
import type { ParentFacts } from "../subagents/session-agents.ts";
import type { System } from "../system.ts";
import type { OwnedEditChecks } from "./edit-checks.ts";
import { featureEnabled } from "./features.ts";
import type { McpTools } from "./mcp/mcp-tools.ts";
import type { ModelChoice } from "./model/model-choice.ts";
import { commandHooks, type HookParts } from "./network/thread-network.ts";
import { ownWebTools } from "./network/web-search.ts";
import type { WebTools } from "./network/web-tools.ts";
import type { OwnedTool } from "./repo-map.ts";
import type { OpenedRules } from "./saved-rules.ts";
import type { SessionRequest } from "./session-request.ts";
import { newId } from "./thread-deps.ts";
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

/** The code of subagents is only loaded where the model may start some. */
export async function openAgents(
  request: SessionRequest,
  log: ThreadLogState,
  current: () => Pick<ParentFacts, "loaded" | "settings" | "workspace" | "choice">,
  mcp: McpTools | null,
): Promise<OpenedAgents | null> {
  if (request.agents === undefined) return null;
  const { openSessionAgents } = await import("../subagents/open-session-agents.ts");
  return openSessionAgents(request.agents, {
    newId: () => newId(request.system),
    threadId: log.threadId,
    // A fork knows of its thread's agents, but they work for that one.
    known: request.target.kind === "resume" ? (log.digest.agents ?? []) : [],
    parent: () => ({
      ...current(),
      threadId: log.threadId,
      sessionId: log.meta.session_id ?? log.threadId,
      log: log.log.path,
      mcp: mcp?.lateTools ?? null,
    }),
  });
}

/** Our own search and fetch, where they stand in for an endpoint's; their code is only loaded then. */
export async function openWeb(
  { loaded: { config }, workspace, system, withoutMcp }: SessionRequest,
  choice: ModelChoice,
  rules: OpenedRules,
  hookParts: HookParts,
): Promise<WebTools | null> {
  const wanted = ownWebTools(config, choice);
  if (withoutMcp || (!wanted.search && !wanted.fetch)) return null;
  const { openWebTools } = await import("./network/web-tools.ts");
  const hooks = (network: NetworkConfig) => commandHooks(hookParts, network);
  const parts = { wanted, config, saved: rules.read(), hooks, system };
  return openWebTools(parts, { config, mode: workspace.sandboxMode });
}

/** Git is only loaded when a command is about to change something and there are rules about it. */
export function lazyWorkTree(place: () => Workspace, system: System, home: string): WorkTree {
  return {
    async remember(signal) {
      const { gitWorkTree } = await import("./work-tree.ts");
      return gitWorkTree(place, system, home).remember(signal);
    },
  };
}
