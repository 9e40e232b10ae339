import { join } from "node:path";
import {
  createApprovalMemory,
  createThread,
  loadProjectDocs,
  type ResumeNotice,
  type SavedRules,
  type Thread,
  type ThreadSettings,
} from "@quire/core";
import { EMPTY_POLICY } from "@quire/execpolicy";
import { costOf, createCatalogue } from "@quire/models";
import { commandItem } from "@quire/tools";
import { commandContext, realPathOf } from "./command-context.ts";
import { chooseModel, type ModelChoice, OFFLINE_MODEL } from "./model-choice.ts";
import { openModelClient } from "./model-client.ts";
import { modelFacts, withRecordedModel } from "./model-facts.ts";
import { openLog } from "./open-log.ts";
import { recoverUnfinishedPatches } from "./patch-journal.ts";
import { isConfined, openSandbox, requireSandbox, sandboxDeps } from "./sandbox-parts.ts";
import { openSavedRules } from "./saved-rules.ts";
import type { SessionRequest, SessionWarning } from "./session-request.ts";
import { openTools, readImage } from "./session-tools.ts";
import { localDate } from "./surroundings.ts";
import { newId } from "./thread-deps.ts";
import { threadSettings } from "./thread-settings.ts";

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
  const recovered = await recoverUnfinishedPatches(home);
  const log = await openLog(request);
  try {
    const recorded = request.target.kind === "start" ? null : log.lastTurnContext;
    const choice = chooseModel(withRecordedModel(loaded, recorded), system.env);
    const note = (message: string) =>
      thread.completeItem({ type: "warning", id: newId(system), code: "model_item_skipped", message });
    const [client, docs] = await Promise.all([
      openModelClient(choice, system, note),
      readProjectDocs(request),
    ]);
    const session = openSandbox(workspace, loaded.config, workspace.sandboxMode, deps);
    const canLeave = isConfined(workspace.sandboxMode) && request.approver !== null;
    const unconfined = canLeave ? openSandbox(workspace, loaded.config, "danger-full-access", deps) : null;
    const parts = openTools(request, { session, unconfined }, (ended) =>
      thread.completeItem(commandItem(ended, { id: ended.facts.itemId, source: "agent" })),
    );
    const model = modelFacts(choice);
    const thread: Thread = createThread(log, {
      client,
      tools: parts.tools,
      closeTools: parts.close,
      priceOf: (usage, id) =>
        id === OFFLINE_MODEL
          ? { kind: "known", usd: 0, priced_as_of: localDate(system) }
          : costOf(usage, createCatalogue().resolveAlias(id).model),
      approver: request.approver,
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
    session.prewarm(workspace.cwd);
    return {
      thread,
      settings: threadSettings(request, model, docs.text, log),
      choice,
      warnings: [...recovered, ...model.warnings, ...docs.warnings],
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
