import fs from "node:fs";
import { join } from "node:path";
import type { ThreadMcp } from "@quire/app-server";
import { isTrustedContent, type LoadedConfig, type NetworkConfig } from "@quire/config";
import {
  createApprovalMemory,
  createThread,
  HookDesk,
  type HookedAgent,
  isConfined,
  loadProjectDocs,
  NetworkDesk,
  NO_ROUTE,
  type ProjectDocs,
  type ResumeNotice,
  readRuleBook,
  type Thread,
  type ThreadLogState,
  type ThreadSettings,
  type TurnRouter,
  type WorkTree,
} from "@quire/core";
import { EMPTY_POLICY } from "@quire/execpolicy/rules";
import { type Catalogue, costOf, modelCapabilities } from "@quire/models";
import { CodedError, type ModeKind, type SandboxMode, type SessionMeta } from "@quire/protocol";
import type { SandboxDeps } from "@quire/sandbox";
import { type CommandSession, commandItem } from "@quire/tools";
import { memoriesFor } from "../memories/memories-for.ts";
import type { SessionMemories } from "../memories/session-memories.ts";
import { hasRouting, routingPlaces } from "../routing/routing-places.ts";
import { type Extensions, openExtensions, readableFolders } from "../skills/extensions.ts";
import type { OpenedAgents } from "../subagents/open-session-agents.ts";
import type { ParentFacts, SessionAgent } from "../subagents/session-agents.ts";
import type { System } from "../system.ts";
import { commandContext, realPathOf } from "./command-context.ts";
import { featureEnabled } from "./features.ts";
import { openOwnedTools, openWantedEditChecks } from "./late-parts.ts";
import { type McpTools, openMcpTools } from "./mcp-tools.ts";
import { modelCatalogue } from "./model-catalogue.ts";
import { chooseModel, type ModelChoice, OFFLINE_MODEL } from "./model-choice.ts";
import { openModelClient } from "./model-client.ts";
import { type ModelFacts, modelFacts, requireImages, whyNoImages, withRecordedModel } from "./model-facts.ts";
import { probedCapabilities, probeOf, readProbes } from "./model-probes.ts";
import { openNetworkAudit } from "./network-log.ts";
import { openLog } from "./open-log.ts";
import { recoverUnfinishedPatches } from "./patch-journal.ts";
import { readGuard } from "./read-guard.ts";
import { openSandbox, requireSandbox, sandboxDeps } from "./sandbox-parts.ts";
import { type OpenedRules, openSavedRules } from "./saved-rules.ts";
import { sessionRedactor } from "./session-redactor.ts";
import type { SessionRequest, SessionWarning } from "./session-request.ts";
import { openTools, readImage, type Sandboxes, type SessionTools } from "./session-tools.ts";
import { localDate } from "./surroundings.ts";
import { threadAccounts } from "./thread-books.ts";
import { newId } from "./thread-deps.ts";
import {
  commandHooks,
  type HookParts,
  serverHooks,
  type ThreadRules,
  threadRules,
} from "./thread-network.ts";
import { threadSettings } from "./thread-settings.ts";
import { toolSupport } from "./tool-support.ts";
import { ownWebTools, wantedWebSearch, webSearchWarnings } from "./web-search.ts";
import type { WebTools } from "./web-tools.ts";
import type { Workspace } from "./workspace.ts";

/**
 * No model asks for a command sooner. Made before the first request, a sandbox would hold that request up; this way it is
 * made while the model thinks, and a run whose answer needs no command pays nothing.
 */
const FIRST_ANSWER_MS = 300;

/** Everything that a front end needs to run turns. */
export interface Session {
  thread: Thread;
  meta: SessionMeta;
  /** Of the next turn. */
  readonly settings: ThreadSettings;
  readonly choice: ModelChoice;
  readonly docs: ProjectDocs;
  tools: SessionTools;
  /** The MCP servers, as clients use them; null without any. */
  readonly mcp: ThreadMcp | null;
  warnings: readonly SessionWarning[];
  notices: readonly ResumeNotice[];
  /** Items that the context held when the thread was opened. */
  historyItems: number;
  /** Whether the log ends in the middle of a turn. */
  unfinished: boolean;
  /** The mode of the log's last turn. */
  lastMode: ModeKind;
  /** What it was told of earlier threads. */
  readonly memories: SessionMemories;
  /** Other settings, or another place, from the next turn on. Fails when the model is another provider's. */
  change(to: SettingsChange): Promise<void>;
  close(): Promise<void>;
}

/** What may differ from turn to turn. */
export type SettingsChange = Pick<SessionRequest, "loaded" | "workspace" | "approvalPolicy" | "planMode">;

/**
 * Puts a thread together from its concrete parts. Everything that can be refused is refused before the log is opened, so
 * that a wrong word leaves no trace.
 */
export async function openSession(request: SessionRequest): Promise<Session> {
  const { system, home, workspace, loaded } = request;
  const deps = sandboxDeps(system, home);
  await requireSandbox(workspace.sandboxMode, deps);
  const rules = savedRules(request);
  const network = await rulesFor(request, rules);
  const recovered = await recoverUnfinishedPatches(home);
  const log = await openLog(request);
  const historyItems = log.history.length;
  try {
    const memories = await memoriesFor(request);
    let current = await currentState(request, log, memories);
    const note = (message: string) =>
      thread.completeItem({ type: "warning", id: newId(system), code: "model_item_skipped", message });
    const redactor = sessionRedactor(system, home, loaded.config, current.choice);
    const learnToken = (value: string) => redactor.learn({ name: "MODEL_TOKEN", value });
    const catalogue = modelCatalogue(loaded.config);
    const known = knownCapabilities(request, catalogue, current.choice);
    const client =
      request.modelClient ?? (await openModelClient(current.choice, system, note, learnToken, known));
    for (const secret of network?.secrets ?? []) redactor.learn(secret);
    const memory = createApprovalMemory(rules);
    const desk = new NetworkDesk(memory);
    const audit = openNetworkAudit(home, system);
    const hookParts = { threadId: log.threadId, desk, audit };
    const sandboxes = openSandboxes(request, deps, network, hookParts);
    const web = await openWeb(request, current.choice, rules, hookParts);
    for (const secret of web?.secrets ?? []) redactor.learn(secret);
    const owned = await openOwnedTools(request, () => parts.workspace);
    const checks = await openWantedEditChecks(request, () => parts.workspace, deps);
    const mcp = await openMcpTools(request, { ...deps, network: serverHooks(hookParts) }, redactor);
    const agents = await openAgents(request, log, () => ({ ...current, workspace: parts.workspace }), mcp);
    const onEnd = (ended: CommandSession) =>
      thread.completeItem(commandItem(ended, { id: ended.facts.itemId, source: "agent" }));
    const seams = {
      tools: [...(web?.tools ?? []), ...(agents?.tools ?? []), ...owned.map(({ tool }) => tool)],
      close: async () => {
        await Promise.all([...owned, ...(checks === null ? [] : [checks])].map((each) => each.close()));
      },
      checkEdits: checks?.check,
      whyNoImages: () => imageProblem(current, known),
    };
    const parts = openTools(request, sandboxes, redactor, onEnd, seams);
    const folder = () => parts.workspace.gitRoot ?? parts.workspace.cwd;
    const accounts = request.modelClient ? null : threadAccounts(request, catalogue, folder);
    let hookSandbox = sandboxes.session;
    const hooks = new HookDesk({
      hooks: () => (request.withoutMcp ? [] : current.extensions.hooks),
      run: async (hook, stdin, signal) => {
        const { runHook } = await import("../hooks/run-hook.ts");
        const cwd = () => parts.workspace.cwd;
        return runHook(hook, stdin, signal, { system, cwd, sandbox: () => hookSandbox });
      },
      sessionId: request.subagent?.sessionId ?? log.threadId,
      transcriptPath: log.log.path,
      source: request.target.kind === "start" ? "startup" : "resume",
      ...(request.subagent === undefined ? {} : { agent: hookedAgent(log.threadId, request.subagent) }),
    });
    const thread: Thread = createThread(log, {
      client,
      router: (input, effort) => current.router?.(input, effort) ?? NO_ROUTE,
      ...accounts?.parts,
      tools: parts.tools,
      hooks,
      skills: (text) => current.extensions.useSkills(text),
      lateTools: async (signal) => {
        const late = await mcp?.lateTools(signal);
        const planTools = current.settings.planMode === true ? (request.planTools ?? []) : [];
        const wanted = planTools.filter(({ spec }) => !request.withoutTools?.includes(spec.name));
        return { tools: [...(late?.tools ?? []), ...wanted], warnings: late?.warnings ?? [] };
      },
      maxGoalTokens: request.loaded.config.maxGoalTokens,
      modelSetsGoals: featureEnabled(request.loaded.config, "goals"),
      ...(agents === null ? {} : { agents: agents.desk }),
      ...(request.subagent === undefined ? {} : { onSpent: request.subagent.onSpent }),
      closeTools: async () => {
        await agents?.desk.close();
        await hooks.end();
        web?.close();
        await Promise.all([parts.close(), mcp?.close()]);
        audit.close();
        accounts?.close();
      },
      priceOf: (usage, id) =>
        id === OFFLINE_MODEL
          ? { kind: "known", usd: 0, priced_as_of: localDate(system) }
          : costOf(usage, catalogue.resolveAlias(id).model),
      approver: request.approver,
      network: desk,
      policy: {
        memory,
        get commands() {
          return commandContext(system, parts.workspace);
        },
        realPath: realPathOf,
        exists: fs.existsSync,
      },
      redactor,
      workTree: lazyWorkTree(() => parts.workspace, system, home),
      loadImage: async (path) => {
        requireImages(seams.whyNoImages(), path);
        return await readImage(path);
      },
      now: system.now,
      monotonicMs: system.monotonicMs,
      newId: () => newId(system),
    });
    sandboxes.session.prewarm(workspace.cwd, { afterMs: FIRST_ANSWER_MS });
    return {
      thread,
      meta: log.meta,
      get settings() {
        return current.settings;
      },
      get choice() {
        return current.choice;
      },
      get docs() {
        return current.docs;
      },
      tools: parts,
      mcp: mcp?.door ?? null,
      warnings: [
        ...recovered,
        ...changedRules(rules),
        ...current.model.warnings,
        ...current.docs.warnings,
        ...current.extensions.warnings(current.settings.contextWindow),
        ...(request.agents?.warnings ?? []),
        ...(agents?.warnings ?? []),
      ],
      notices: log.notices,
      historyItems,
      unfinished: log.unfinished,
      memories,
      lastMode: log.lastTurnContext?.collaboration_mode ?? "default",
      async change(to) {
        const changed = { ...request, ...to };
        await requireSandbox(to.workspace.sandboxMode, deps);
        const nextNetwork = await rulesFor(changed, rules);
        const next = await currentState(changed, log, memories);
        requireSameProvider(client.provider, next.choice);
        for (const secret of nextNetwork?.secrets ?? []) redactor.learn(secret);
        const nextSandboxes = openSandboxes(changed, deps, nextNetwork, hookParts);
        parts.moveTo(to.workspace, nextSandboxes);
        hookSandbox = nextSandboxes.session;
        web?.moveTo({ config: to.loaded.config, mode: to.workspace.sandboxMode });
        await mcp?.moveTo(changed);
        current = next;
      },
      close: () => thread.close(),
    };
  } catch (thrown) {
    log.log.close();
    log.releaseLock();
    throw thrown;
  }
}

/** What follows from the settings of a thread. */
interface CurrentState {
  loaded: LoadedConfig;
  choice: ModelChoice;
  model: ModelFacts;
  docs: ProjectDocs;
  extensions: Extensions;
  settings: ThreadSettings;
  /** Absent where there is nothing to decide. */
  router: TurnRouter | undefined;
}

async function currentState(
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

function hookedAgent(id: string, { role, parentLog }: SessionAgent): HookedAgent {
  return { id, type: role, parentTranscriptPath: parentLog };
}

/** The code of subagents is only loaded where the model may start some. */
async function openAgents(
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

function imageProblem({ choice, model }: CurrentState, known: ReturnType<typeof knownCapabilities>) {
  return whyNoImages(model, choice, known);
}

/** What the catalogue says of a model counts for more than what a probe of it found out. */
function knownCapabilities({ home }: SessionRequest, catalogue: Catalogue, choice: ModelChoice) {
  if (choice.kind === "offline") return () => ({});
  const { provider } = choice;
  return (id: string) => ({
    ...probedCapabilities(probeOf(readProbes(home), provider, id)),
    ...modelCapabilities(catalogue.resolveAlias(id).model),
  });
}

function rulesFor({ loaded, workspace, system }: SessionRequest, rules: OpenedRules) {
  return threadRules(loaded.config.network, workspace.sandboxMode, rules.read(), system);
}

function openSandboxes(
  { home, workspace, loaded, approver }: SessionRequest,
  deps: SandboxDeps,
  network: ThreadRules | null,
  hookParts: HookParts,
): Sandboxes {
  const hooked = { ...deps, network: commandHooks(hookParts, loaded.config.network) };
  const place = { ...workspace, readableFolders: readableFolders(home) };
  const open = (mode: SandboxMode) => openSandbox(place, loaded.config, mode, hooked, network?.rules);
  const canLeave = isConfined(workspace.sandboxMode) && approver !== null;
  return { session: open(workspace.sandboxMode), unconfined: canLeave ? open("danger-full-access") : null };
}

/** Our own search and fetch, where they stand in for an endpoint's; their code is only loaded then. */
async function openWeb(
  { loaded: { config }, workspace, system, withoutMcp }: SessionRequest,
  choice: ModelChoice,
  rules: OpenedRules,
  hookParts: HookParts,
): Promise<WebTools | null> {
  const wanted = ownWebTools(config, choice);
  if (withoutMcp || (!wanted.search && !wanted.fetch)) return null;
  const { openWebTools } = await import("./web-tools.ts");
  const hooks = (network: NetworkConfig) => commandHooks(hookParts, network);
  const parts = { wanted, config, saved: rules.read(), hooks, system };
  return openWebTools(parts, { config, mode: workspace.sandboxMode });
}

/** Git is only loaded when a command is about to change something and there are rules about it. */
function lazyWorkTree(place: () => Workspace, system: System, home: string): WorkTree {
  return {
    async remember(signal) {
      const { gitWorkTree } = await import("./work-tree.ts");
      return gitWorkTree(place, system, home).remember(signal);
    },
  };
}

function requireSameProvider(provider: string, choice: ModelChoice): void {
  const wanted = choice.kind === "offline" ? OFFLINE_MODEL : choice.provider.id;
  if (wanted === provider) return;
  throw new CodedError(
    "usage_invalid",
    `this thread talks to "${provider}" and cannot change to "${wanted}"`,
    {
      nextStep: "Fork the thread, or start a new one, with the other provider.",
    },
  );
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

function changedRules({ changedFiles }: OpenedRules): SessionWarning[] {
  if (changedFiles.length === 0) return [];
  const message = `Command rules that are not as they were when you trusted this project are ignored: ${changedFiles.join(", ")}. Look at them, then trust them with --trust.`;
  return [{ code: "project_changed", message }];
}

function savedRules(request: SessionRequest): OpenedRules {
  const { home, workspace, loaded, ignoreRules } = request;
  if (ignoreRules) {
    return {
      read: () => EMPTY_POLICY,
      saveAllow: () => undefined,
      saveHost: () => undefined,
      changedFiles: [],
    };
  }
  const root = loaded.project.root ?? workspace.gitRoot ?? workspace.cwd;
  const trusted = loaded.project.trust === "trusted";
  return openSavedRules({
    home,
    workspaceRoot: workspace.gitRoot ?? workspace.cwd,
    projectFolders: trusted ? [join(root, ".quire"), join(root, ".codex")] : [],
    isTrusted: (file, text) => isTrustedContent(loaded.project.content, root, file, text),
  });
}
