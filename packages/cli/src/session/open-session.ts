import type { ThreadMcp } from "@quire/app-server";
import {
  createThread,
  type ProjectDocs,
  type ResumeNotice,
  type Thread,
  type ThreadLogState,
  type ThreadSettings,
} from "@quire/core";
import { CodedError, type ModeKind, type SessionMeta } from "@quire/protocol";
import type { SandboxDeps } from "@quire/sandbox";
import { memoriesFor } from "../memories/memories-for.ts";
import type { SessionMemories } from "../memories/session-memories.ts";
import { type ModelChoice, OFFLINE_MODEL } from "./model/model-choice.ts";
import type { ThreadRules } from "./network/thread-network.ts";
import { openLog } from "./open-log.ts";
import { recoverUnfinishedPatches } from "./patch-journal.ts";
import { requireSandbox, sandboxDeps, unkeptPermissions } from "./sandbox-parts.ts";
import { changedRules, type OpenedRules, savedRules } from "./saved-rules.ts";
import { openSessionModel } from "./session-model.ts";
import { networkOf, openReach } from "./session-reach.ts";
import type { SessionRequest, SessionWarning } from "./session-request.ts";
import { type CurrentState, currentState } from "./session-state.ts";
import type { SessionTools } from "./session-tools.ts";
import { newId } from "./thread-deps.ts";
import { threadParts } from "./thread-parts.ts";
import { openThreadTools } from "./thread-tools.ts";

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
  /** Lets the MCP servers follow the settings, and nothing else. To be called between turns. */
  moveServers(to: SettingsChange): Promise<void>;
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
  const deps = sandboxDeps(request.system, request.home);
  const weaknesses = await requireSandbox(request.workspace.sandboxMode, deps);
  const rules = savedRules(request);
  const network = await networkOf(request, rules);
  const recovered = await recoverUnfinishedPatches(request.home);
  const log = await openLog(request);
  try {
    const { workspace, loaded } = request;
    const unkept = unkeptPermissions(workspace, loaded.config, workspace.sandboxMode);
    const ground = { request, deps, rules, network, log, noticed: [...weaknesses, ...unkept, ...recovered] };
    return await sessionOn(ground);
  } catch (thrown) {
    log.log.close();
    log.releaseLock();
    throw thrown;
  }
}

/** What a session stands on: its log is open and nothing else. */
interface Ground {
  request: SessionRequest;
  deps: SandboxDeps;
  rules: OpenedRules;
  network: ThreadRules | null;
  log: ThreadLogState;
  noticed: readonly SessionWarning[];
}

async function sessionOn({ request, deps, rules, network, log, noticed }: Ground): Promise<Session> {
  const { system } = request;
  const historyItems = log.history.length;
  const memories = await memoriesFor(request);
  let state = await currentState(request, log, memories);
  const current = () => state;
  const note = (message: string) =>
    thread.completeItem({ type: "warning", id: newId(system), code: "model_item_skipped", message });
  const model = await openSessionModel(request, state.choice, note);
  const reached = { deps, rules, network, redactor: model.redactor };
  const reach = await openReach(request, log.threadId, state.choice, reached);
  const tools = await openThreadTools(request, log, current, model, reach, () => thread);
  const thread: Thread = createThread(log, threadParts(request, log, current, model, reach, tools));
  reach.first.session.prewarm(request.workspace.cwd, { afterMs: FIRST_ANSWER_MS });
  return {
    thread,
    meta: log.meta,
    get settings() {
      return state.settings;
    },
    get choice() {
      return state.choice;
    },
    get docs() {
      return state.docs;
    },
    tools: tools.session,
    get mcp() {
      return tools.mcp?.door ?? null;
    },
    warnings: [
      ...noticed,
      ...changedRules(rules),
      ...warningsOf(state),
      ...(request.agents?.warnings ?? []),
      ...(tools.agents?.warnings ?? []),
    ],
    notices: log.notices,
    historyItems,
    unfinished: log.unfinished,
    memories,
    lastMode: log.lastTurnContext?.collaboration_mode ?? "default",
    async moveServers(to) {
      await tools.mcp?.moveTo({ ...request, ...to });
    },
    async change(to) {
      const changed = { ...request, ...to };
      await requireSandbox(to.workspace.sandboxMode, deps);
      const nextNetwork = await networkOf(changed, rules);
      const next = await currentState(changed, log, memories);
      requireSameProvider(state.choice, next.choice);
      tools.session.moveTo(to.workspace, reach.moveTo(changed, nextNetwork));
      await tools.mcp?.moveTo(changed);
      state = next;
    },
    close: () => thread.close(),
  };
}

function warningsOf({ model, docs, extensions, settings }: CurrentState): SessionWarning[] {
  return [...model.warnings, ...docs.warnings, ...extensions.warnings(settings.contextWindow)];
}

function providerOf(choice: ModelChoice): string {
  return choice.kind === "offline" ? OFFLINE_MODEL : choice.provider.id;
}

function requireSameProvider(before: ModelChoice, next: ModelChoice): void {
  const [provider, wanted] = [providerOf(before), providerOf(next)];
  if (wanted === provider) return;
  throw new CodedError(
    "usage_invalid",
    `this thread talks to "${provider}" and cannot change to "${wanted}"`,
    {
      nextStep: "Fork the thread, or start a new one, with the other provider.",
    },
  );
}
