import type { ThreadLogState, ThreadSettings } from "@quire/core";
import { isConfined } from "@quire/core";
import { contextWindowOf, type HostedWebSearch } from "@quire/models";
import { baseInstructions } from "./base-instructions.ts";
import type { ModelFacts } from "./model-facts.ts";
import type { SessionRequest } from "./session-request.ts";
import { localDate, shellPath, timezoneName } from "./surroundings.ts";

/** What the turns of a thread run under, from the configuration and the machine. */
export function threadSettings(
  request: SessionRequest,
  model: ModelFacts,
  projectDocs: string | null,
  log: ThreadLogState,
  webSearch: HostedWebSearch | null,
): ThreadSettings {
  const { loaded, workspace, system } = request;
  const { config } = loaded;
  const network = config.workspaceWrite.networkAccess && workspace.sandboxMode === "workspace-write";
  return {
    cwd: workspace.cwd,
    model: model.id,
    effort: config.modelReasoningEffort,
    reasoningSummary: config.modelReasoningSummary ?? "auto",
    verbosity: config.modelVerbosity,
    sandboxMode: workspace.sandboxMode,
    approvalPolicy: request.approvalPolicy,
    instructions: log.meta.base_instructions?.text ?? baseInstructions(request),
    surroundings: {
      cwd: workspace.cwd,
      workspaceRoots: [workspace.gitRoot ?? workspace.cwd, ...workspace.extraWritableRoots],
      shell: shellPath(),
      date: localDate(system),
      timezone: timezoneName(system.env),
      sandboxMode: workspace.sandboxMode,
      approvalPolicy: request.approvalPolicy,
      network: network || !isConfined(workspace.sandboxMode) ? "on" : "off",
      projectDocs,
      developerInstructions: config.developerInstructions,
    },
    contextWindow:
      config.modelContextWindow ?? (model.model === null ? null : contextWindowOf(model.model).tokens),
    maxOutputTokens: config.modelMaxOutputTokens,
    parallelToolCalls: true,
    ...(webSearch === null ? {} : { webSearch }),
  };
}
