import { join } from "node:path";
import { createPathGuard, type PathGuard } from "@quire/apply-patch";
import { configOrigin, type LoadedConfig } from "@quire/config";
import {
  BASE_INSTRUCTIONS,
  createApprovalMemory,
  createThread,
  findLastThread,
  findThread,
  forkLog,
  loadProjectDocs,
  type NewThreadMeta,
  type ResumeNotice,
  resumeLog,
  type SavedRules,
  startLog,
  type Thread,
  type ThreadLogState,
  type ThreadSettings,
} from "@quire/core";
import { EMPTY_POLICY } from "@quire/execpolicy";
import { contextWindowOf, costOf, createCatalogue, type ModelEntry } from "@quire/models";
import { CodedError } from "@quire/protocol";
import { DEFAULT_PROTECTED_NAMES, type Sandbox } from "@quire/sandbox";
import { createBuiltinTools, createCommandSessions, loadImage } from "@quire/tools";
import type { System } from "../system.ts";
import { VERSION } from "../version.ts";
import { commandContext, realPathOf } from "./command-context.ts";
import { chooseModel, type ModelChoice, OFFLINE_MODEL } from "./model-choice.ts";
import { openModelClient } from "./model-client.ts";
import { isConfined, openSandbox, requireSandbox, sandboxDeps } from "./sandbox-parts.ts";
import { openSavedRules } from "./saved-rules.ts";
import { localDate, shellPath, timezoneName } from "./surroundings.ts";
import { newId, threadLogDeps } from "./thread-deps.ts";
import type { Workspace } from "./workspace.ts";

/** Which thread a run is about. */
export type ThreadTarget =
  | { kind: "start" }
  | { kind: "resume"; thread: string | null; all: boolean }
  | { kind: "fork"; thread: string };

export interface SessionRequest {
  system: System;
  home: string;
  loaded: LoadedConfig;
  workspace: Workspace;
  target: ThreadTarget;
  ephemeral: boolean;
  ignoreRules: boolean;
  /** Who runs this, for the log: "exec". */
  source: string;
}

/** A note for the user that is no error: what was decided, cut or unknown. */
export interface SessionWarning {
  code: string;
  message: string;
}

/** Everything that a front end needs to run turns. */
export interface Session {
  thread: Thread;
  settings: ThreadSettings;
  choice: ModelChoice;
  warnings: readonly SessionWarning[];
  notices: readonly ResumeNotice[];
  /** Whether the log ends in the middle of a turn. */
  unfinished: boolean;
  close(): Promise<void>;
}

/**
 * Puts a thread together from its concrete parts. Everything that can be refused is refused before the log is opened, so
 * that a wrong word leaves no trace.
 */
export async function openSession(request: SessionRequest): Promise<Session> {
  const { system, home, workspace, loaded } = request;
  const deps = sandboxDeps(system, home);
  await requireSandbox(workspace.sandboxMode, deps);
  const log = await openLog(request);
  try {
    const recorded = request.target.kind === "start" ? null : log.lastTurnContext;
    const choice = chooseModel(withRecordedModel(loaded, recorded), system.env);
    const [client, docs] = await Promise.all([openModelClient(choice, system), readProjectDocs(request)]);
    const sandbox = openSandbox(workspace, loaded.config, workspace.sandboxMode, deps);
    const parts = openTools(request, sandbox);
    const model = modelFacts(choice);
    const thread = createThread(log, {
      client,
      tools: parts.tools,
      closeTools: parts.close,
      priceOf: (usage, id) =>
        id === OFFLINE_MODEL
          ? { kind: "known", usd: 0, priced_as_of: localDate(system) }
          : costOf(usage, createCatalogue().resolveAlias(id).model),
      approver: null,
      policy: {
        memory: createApprovalMemory(savedRules(request)),
        commands: commandContext(system, workspace),
        realPath: realPathOf,
      },
      loadImage: readImage,
      now: system.now,
      monotonicMs: system.monotonicMs,
      newId: () => newId(system),
    });
    return {
      thread,
      settings: settingsOf(request, model, docs.text, log),
      choice,
      warnings: [...model.warnings, ...docs.warnings],
      notices: log.notices,
      unfinished: log.unfinished,
      close: () => thread.close(),
    };
  } catch (thrown) {
    log.log.close();
    log.releaseLock();
    throw thrown;
  }
}

async function openLog(request: SessionRequest): Promise<ThreadLogState> {
  const { system, home, target, workspace, ephemeral } = request;
  const deps = threadLogDeps(system, home);
  const origin = { cwd: workspace.cwd, originator: "quire", cli_version: VERSION, source: request.source };
  if (target.kind === "resume") {
    const stored =
      target.thread === null
        ? findLastThread(home, target.all ? null : workspace.cwd)
        : findThread(home, target.thread);
    return resumeLog(stored, deps);
  }
  if (target.kind === "fork") {
    return forkLog(findThread(home, target.thread), newId(system), origin, { ephemeral }, deps);
  }
  const meta = await newMeta(request, origin);
  return startLog(newId(system), meta, { ephemeral }, deps);
}

async function newMeta(
  request: SessionRequest,
  origin: Pick<NewThreadMeta, "cwd" | "originator" | "cli_version" | "source">,
): Promise<NewThreadMeta> {
  const { loaded, workspace, system } = request;
  const { readGitInfo } = await import("./git-info.ts");
  const git = readGitInfo(workspace.gitRoot);
  const choice = chooseModel(loaded.config, system.env);
  return {
    ...origin,
    model_provider: choice.kind === "offline" ? OFFLINE_MODEL : choice.provider.id,
    base_instructions: { text: loaded.config.instructions ?? BASE_INSTRUCTIONS },
    ...(git ? { git } : {}),
  };
}

/** A resumed thread keeps its model, whatever the configuration says now, unless the user names another one. */
function withRecordedModel(
  loaded: LoadedConfig,
  recorded: ThreadLogState["lastTurnContext"],
): LoadedConfig["config"] {
  const origin = configOrigin(loaded, "model")?.layer;
  if (!recorded || origin === "flag" || origin === "override") return loaded.config;
  return {
    ...loaded.config,
    model: recorded.model,
    modelProvider: recorded.model_provider ?? loaded.config.modelProvider,
  };
}

/** The resolved model, and what the user should know of it. */
function modelFacts(choice: ModelChoice): {
  model: ModelEntry | null;
  id: string;
  warnings: SessionWarning[];
} {
  if (choice.kind === "offline") return { model: null, id: OFFLINE_MODEL, warnings: [] };
  const catalogue = createCatalogue();
  const { id, model } = catalogue.resolveAlias(choice.model);
  const lookup = catalogue.findModel(choice.model);
  const warnings =
    lookup.kind === "known" ? [] : [{ code: `model_${lookup.kind}`, message: lookup.explanation }];
  return { model, id, warnings };
}

async function readProjectDocs(request: SessionRequest) {
  const { loaded, home, workspace } = request;
  return loadProjectDocs({
    home,
    cwd: workspace.cwd,
    rootMarkers: loaded.config.projectRootMarkers,
    maxBytes: loaded.config.projectDocMaxBytes,
    fallbackNames: loaded.config.projectDocFallbackFilenames,
  });
}

function openTools(request: SessionRequest, sandbox: Sandbox) {
  const { system, workspace, home } = request;
  const sessions = createCommandSessions({
    sandbox,
    shell: { path: shellPath() },
    environment: {},
    monotonicMs: system.monotonicMs,
  });
  return {
    tools: createBuiltinTools({
      sessions,
      mayRead: () => true,
      patches: {
        guard: patchGuard(workspace),
        journalDir: join(home, "patch-journal"),
      },
    }),
    close: async () => {
      await sessions.close();
      await sandbox.close();
    },
  };
}

function savedRules(request: SessionRequest): SavedRules {
  const { home, workspace, loaded, ignoreRules } = request;
  if (ignoreRules) return { read: () => EMPTY_POLICY, saveAllow: () => undefined };
  const root = loaded.project.root ?? workspace.gitRoot ?? workspace.cwd;
  const trusted = loaded.project.trust === "trusted";
  return openSavedRules({
    home,
    workspaceRoot: workspace.gitRoot ?? workspace.cwd,
    projectFolders: trusted ? [join(root, ".quire"), join(root, ".codex")] : [],
  });
}

/** Where patches may write: the same places that the sandbox lets commands write to. */
function patchGuard(workspace: Workspace): PathGuard {
  if (!isConfined(workspace.sandboxMode)) return createPathGuard({ root: "/", protectedNames: [] });
  return createPathGuard({
    root: workspace.gitRoot ?? workspace.cwd,
    writableRoots: workspace.extraWritableRoots,
    protectedNames: DEFAULT_PROTECTED_NAMES,
  });
}

async function readImage(path: string): Promise<string> {
  const image = await loadImage(path);
  if (image.kind === "image") return image.dataUrl;
  throw new CodedError("image_invalid", image.message);
}

function settingsOf(
  request: SessionRequest,
  model: ReturnType<typeof modelFacts>,
  projectDocs: string | null,
  log: ThreadLogState,
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
    approvalPolicy: "never",
    instructions: log.meta.base_instructions?.text ?? config.instructions ?? BASE_INSTRUCTIONS,
    surroundings: {
      cwd: workspace.cwd,
      workspaceRoots: [workspace.gitRoot ?? workspace.cwd, ...workspace.extraWritableRoots],
      shell: shellPath(),
      date: localDate(system),
      timezone: timezoneName(system.env),
      sandboxMode: workspace.sandboxMode,
      approvalPolicy: "never",
      network: network || !isConfined(workspace.sandboxMode) ? "on" : "off",
      projectDocs,
      developerInstructions: config.developerInstructions,
    },
    contextWindow:
      config.modelContextWindow ?? (model.model === null ? null : contextWindowOf(model.model).tokens),
    maxOutputTokens: config.modelMaxOutputTokens,
    parallelToolCalls: true,
  };
}
