import type { LoadedConfig } from "@quire/config";
import type { ProjectDocs, RuleBook, SessionSurroundings, ThreadLogState, ThreadSettings } from "@quire/core";
import { askAllowed, isConfined, planModeText } from "@quire/core";
import { contextWindowOf, type HostedWebSearch } from "@quire/models";
import { baseInstructions } from "./base-instructions.ts";
import type { ModelFacts } from "./model/model-facts.ts";
import { permissionLines } from "./sandbox-parts.ts";
import type { SessionRequest } from "./session-request.ts";
import { localDate, shellPath, timezoneName } from "./surroundings.ts";

/** What the turns of a thread run under, from the configuration and the machine. */
export function threadSettings(
  request: SessionRequest,
  model: ModelFacts,
  docs: ProjectDocs,
  ruleBook: RuleBook,
  log: ThreadLogState,
  webSearch: HostedWebSearch | null,
  added: { skillsText: (contextWindow: number | null) => string | null; memories: string | null },
): ThreadSettings {
  const { loaded, workspace, system, planMode = null } = request;
  const { config } = loaded;
  const contextWindow =
    config.modelContextWindow ?? (model.model === null ? null : contextWindowOf(model.model).tokens);
  return {
    ...(request.agent === undefined ? {} : { agent: request.agent }),
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
      network: networkFacts(request),
      projectDocs: docs.text,
      developerInstructions: developerInstructions(request),
      skills: added.skillsText(contextWindow),
      ...(added.memories === null ? {} : { memories: added.memories }),
      ...(planMode === null
        ? {}
        : { planMode: planModeText(planMode.instructions, request.subagent !== undefined) }),
    },
    contextWindow,
    maxOutputTokens: config.modelMaxOutputTokens,
    outputLimit: model.outputLimit,
    parallelToolCalls: true,
    ...(webSearch === null ? {} : { webSearch }),
    compaction: compactionSettings(config, model, contextWindow),
    ...(ruleBook.rules.length === 0 ? {} : { ruleBook }),
    ...(planMode === null ? {} : { planMode: true }),
  };
}

/** What the user configured, what a permission profile comes to, and an agent's part. */
function developerInstructions({ loaded, subagent, workspace }: SessionRequest): string | null {
  const { developerInstructions: configured } = loaded.config;
  const lines = permissionLines(workspace, loaded.config, workspace.sandboxMode);
  const name = loaded.config.filePermissions?.profile;
  const profile =
    lines.length === 0
      ? null
      : [`The permission profile "${name}" says of files, in addition to the sandbox mode:`, ...lines].join(
          "\n",
        );
  const parts = [configured, profile, subagent?.prompt ?? null];
  const said = parts.filter((part) => part !== null);
  return said.length === 0 ? null : said.join("\n\n");
}

/** Compaction begins at this share of the window at the latest: the answer and the summary need room as well. */
const WINDOW_SHARE = 0.9;
const SUMMARY_TIME_LIMIT_MS = 120_000;

/** The offline engine is no language model, so its threads are summed up by extraction. */
function compactionSettings(
  config: LoadedConfig["config"],
  model: ModelFacts,
  contextWindow: number | null,
): ThreadSettings["compaction"] {
  const byWindow =
    contextWindow === null ? Number.POSITIVE_INFINITY : Math.floor(contextWindow * WINDOW_SHARE);
  const limit = Math.min(byWindow, config.autoCompactTokenLimit ?? Number.POSITIVE_INFINITY);
  return {
    limit: Number.isFinite(limit) ? limit : null,
    compactor: model.model === null ? "extract" : config.compactor,
    prompt: config.compactPrompt,
    timeLimitMs: SUMMARY_TIME_LIMIT_MS,
  };
}

/** What the model is told of the network. */
function networkFacts({
  loaded,
  workspace,
  approver,
  approvalPolicy,
}: SessionRequest): SessionSurroundings["network"] {
  const { network, workspaceWrite } = loaded.config;
  if (!isConfined(workspace.sandboxMode)) return "on";
  if (workspace.sandboxMode !== "workspace-write") return "off";
  if (!network.enabled) return workspaceWrite.networkAccess ? "on" : "off";
  const { allow, askAboutOthers, credentials } = network;
  return {
    hosts: allow,
    withCredential: Object.keys(credentials),
    othersAreAsked: askAboutOthers && approver !== null && askAllowed(approvalPolicy, "escalation"),
  };
}
