import type { LoadedConfig } from "@quire/config";
import {
  loadProjectDocs,
  type ProjectDocs,
  readRuleBook,
  type ThreadLogState,
  type ThreadSettings,
  type TurnRouter,
} from "@quire/core";
import { type Catalogue, modelCapabilities } from "@quire/models";
import type { SessionMemories } from "../memories/session-memories.ts";
import { hasRouting, routingPlaces } from "../routing/routing-places.ts";
import { type Extensions, openExtensions } from "../skills/extensions.ts";
import { modelCatalogue } from "./model/model-catalogue.ts";
import { chooseModel, type ModelChoice } from "./model/model-choice.ts";
import { type ModelFacts, modelFacts, whyNoImages, withRecordedModel } from "./model/model-facts.ts";
import { probedCapabilities, probeOf, readProbes } from "./model/model-probes.ts";
import { toolSupport } from "./model/tool-support.ts";
import { wantedWebSearch, webSearchWarnings } from "./network/web-search.ts";
import { readGuard } from "./read-guard.ts";
import type { SessionRequest, SessionWarning } from "./session-request.ts";
import { threadSettings } from "./thread-settings.ts";

/** What follows from the settings of a thread. */
export interface CurrentState {
  loaded: LoadedConfig;
  choice: ModelChoice;
  model: ModelFacts;
  docs: ProjectDocs;
  extensions: Extensions;
  settings: ThreadSettings;
  /** Absent where there is nothing to decide. */
  router: TurnRouter | undefined;
}

/** Reads what the settings, the log's last turn and the project's files make of a thread. */
export async function currentState(
  request: SessionRequest,
  log: ThreadLogState,
  memories: SessionMemories,
): Promise<CurrentState> {
  const recorded = request.target.kind === "start" ? null : log.lastTurnContext;
  const choice = chooseModel(withRecordedModel(request.loaded, recorded), request.system.env, request.home);
  const model = modelFacts(choice, request.loaded.config);
  const docs = await readProjectDocs(request);
  const extensions = await openExtensions(request);
  const { config } = request.loaded;
  const ruleBook = await readRuleBook(config.projectDocRules === "off" ? { ...docs, documents: [] } : docs);
  // Like the tools of MCP servers, a search reaches outside; whoever leaves those out means both.
  const webSearch = request.withoutMcp ? null : wantedWebSearch(config, choice);
  const settings = threadSettings(request, model, docs, ruleBook, log, webSearch, {
    skillsText: extensions.skillsText,
    memories: memories.text,
  });
  const { router, warnings: ofRouting } = await openRouter(request, choice);
  const withoutTools = request.modelClient ? [] : toolSupport(choice, model.id, request.home);
  const warnings = [
    ...withoutTools,
    ...(request.withoutMcp ? [] : webSearchWarnings(config, choice)),
    ...ofRouting,
  ];
  return {
    loaded: request.loaded,
    choice,
    model: { ...model, warnings: [...model.warnings, ...warnings] },
    docs,
    extensions,
    settings,
    router,
  };
}

/** Why the thread's model cannot be shown images; null when it can. */
export function imageProblem({ choice, model }: CurrentState, known: ReturnType<typeof knownCapabilities>) {
  return whyNoImages(model, choice, known);
}

/** What the catalogue says of a model counts for more than what a probe of it found out. */
export function knownCapabilities({ home }: SessionRequest, catalogue: Catalogue, choice: ModelChoice) {
  if (choice.kind === "offline") return () => ({});
  const { provider } = choice;
  return (id: string) => ({
    ...probedCapabilities(probeOf(readProbes(home), provider, id)),
    ...modelCapabilities(catalogue.resolveAlias(id).model),
  });
}

async function readProjectDocs(request: SessionRequest) {
  const { loaded, home, workspace } = request;
  return loadProjectDocs({
    home,
    cwd: workspace.cwd,
    mayRead: readGuard(request, workspace),
    rootMarkers: loaded.config.projectRootMarkers,
    maxBytes: loaded.config.projectDocMaxBytes,
    fallbackNames: loaded.config.projectDocFallbackFilenames,
  });
}

/** The code of routing is only loaded where there is something to decide. */
async function openRouter(
  { home, loaded, workspace, system, agent }: SessionRequest,
  choice: ModelChoice,
): Promise<{ router: TurnRouter | undefined; warnings: SessionWarning[] }> {
  const places = routingPlaces(home, loaded, workspace);
  if (!hasRouting(places) && !loaded.config.effortByRules) return { router: undefined, warnings: [] };
  const [{ readRouting }, { sessionRouter }, { repositorySize }] = await Promise.all([
    import("../routing/routing-file.ts"),
    import("../routing/session-router.ts"),
    import("../routing/repository-size.ts"),
  ]);
  const { rules, ignored } = await readRouting(places);
  const router = sessionRouter(rules, {
    loaded,
    catalogue: modelCatalogue(loaded.config),
    wireApi: choice.kind === "offline" ? null : choice.provider.wireApi,
    role: agent ?? "turn",
    repositorySize: repositorySize(workspace, system, home),
  });
  return { router, warnings: ignored?.why === "changed" ? [changedRouting(ignored.file)] : [] };
}

function changedRouting(file: string): SessionWarning {
  const message = `Rules of routing that are not as they were when you trusted this project are ignored: ${file}. Look at them, then trust them with --trust.`;
  return { code: "project_changed", message };
}
