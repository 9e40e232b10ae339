import fs from "node:fs";
import type { ThreadMcp } from "@quire/app-server";
import {
  createApprovalMemory,
  createThread,
  isConfined,
  NetworkDesk,
  NO_ROUTE,
  type ProjectDocs,
  type ResumeNotice,
  type Thread,
  type ThreadSettings,
} from "@quire/core";
import { costOf } from "@quire/models";
import { CodedError, type ModeKind, type SandboxMode, type SessionMeta } from "@quire/protocol";
import type { SandboxDeps } from "@quire/sandbox";
import { type CommandSession, commandItem } from "@quire/tools";
import { hookDesk } from "../hooks/hook-desk.ts";
import { memoriesFor } from "../memories/memories-for.ts";
import type { SessionMemories } from "../memories/session-memories.ts";
import { readableFolders } from "../skills/extensions.ts";
import { commandContext, realPathOf } from "./command-context.ts";
import { featureEnabled } from "./features.ts";
import { lazyWorkTree, openAgents, openOwnedTools, openWantedEditChecks, openWeb } from "./late-parts.ts";
import { openMcpTools } from "./mcp-tools.ts";
import { modelCatalogue } from "./model-catalogue.ts";
import { type ModelChoice, OFFLINE_MODEL } from "./model-choice.ts";
import { openModelClient } from "./model-client.ts";
import { requireImages } from "./model-facts.ts";
import { openNetworkAudit } from "./network-log.ts";
import { openLog } from "./open-log.ts";
import { recoverUnfinishedPatches } from "./patch-journal.ts";
import { openSandbox, requireSandbox, sandboxDeps } from "./sandbox-parts.ts";
import { changedRules, type OpenedRules, savedRules } from "./saved-rules.ts";
import { sessionRedactor } from "./session-redactor.ts";
import type { SessionRequest, SessionWarning } from "./session-request.ts";
import { currentState, imageProblem, knownCapabilities } from "./session-state.ts";
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
  const weaknesses = await requireSandbox(workspace.sandboxMode, deps);
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
    const hooks = hookDesk(request, log, {
      hooks: () => current.extensions.hooks,
      cwd: () => parts.workspace.cwd,
      sandbox: () => hookSandbox,
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
        ...weaknesses,
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
