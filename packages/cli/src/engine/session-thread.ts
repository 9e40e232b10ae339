import type {
  EffectiveSettings,
  EngineReview,
  EngineThread,
  EngineTurnOptions,
  ThreadOverrides,
  TurnOverrides,
  WantedMode,
} from "@quire/app-server";
import {
  approvalText,
  type OuterBudget,
  type ResumeNotice,
  type RunningTurn,
  type Thread,
  type TurnOptions,
  type TurnTask,
} from "@quire/core";
import { CodedError, PRESETS, type UserInput, visibleLine } from "@quire/protocol";
import type { OpenNotice, SandboxPolicy, TurnLimits } from "@quire/protocol/app-server";
import { OFFLINE_MODEL } from "../session/model/model-choice.ts";
import type { Session, SettingsChange } from "../session/open-session.ts";
import type { SessionWarning } from "../session/session-request.ts";
import { newId } from "../session/thread-deps.ts";
import { injectedItem } from "./injected-item.ts";
import { openNotices } from "./open-notices.ts";
import { type EngineBase, planningConfig, type ThreadConfig, threadConfig } from "./thread-config.ts";
import { startBudget } from "./turn-limits.ts";
import { userShellTask } from "./user-shell.ts";

/** What a client, or an agent's parent, asked for when the thread was opened. */
export interface OpenedWith {
  readonly overrides: ThreadOverrides;
  readonly limits: TurnLimits | null;
  /** An agent's settings are those of its role. */
  readonly isAgent?: boolean;
}

/** A session behind the app-server's door. */
export class SessionThread implements EngineThread {
  readonly #base: EngineBase;
  readonly #session: Session;
  #config: ThreadConfig;
  #sets: readonly (ThreadOverrides & TurnOverrides)[];
  #mode: WantedMode = DEFAULT_MODE;
  readonly notices: readonly OpenNotice[];
  readonly #limits: TurnLimits;
  readonly #isAgent: boolean;
  /** Shown, and kept in the log, with the first turn. */
  #warnings: readonly SessionWarning[];
  #turns = 0;
  /** Whether the last turn did: memories of one that was broken off can wait. */
  #endedWell = false;
  readonly #closing = new AbortController();
  #looking: Promise<void> | null = null;
  #closed: Promise<void> | null = null;

  constructor(base: EngineBase, session: Session, config: ThreadConfig, request: OpenedWith) {
    this.#base = base;
    this.#session = session;
    this.#config = config;
    this.#sets = [request.overrides];
    this.#limits = request.limits ?? {};
    this.#isAgent = request.isAgent ?? false;
    const resumed = session.notices.map(asWarning);
    this.#warnings = [...session.warnings, ...resumed];
    this.notices = openNotices(config, session.choice, resumed);
  }

  get thread() {
    return this.#session.thread;
  }

  get meta() {
    return this.#session.meta;
  }

  get unfinished() {
    return this.#session.unfinished && this.#turns === 0;
  }

  settings(): EffectiveSettings {
    const { settings, choice, docs } = this.#session;
    return {
      model: settings.model,
      modelProvider: choice.kind === "offline" ? OFFLINE_MODEL : choice.provider.id,
      cwd: settings.cwd,
      approvalPolicy: settings.approvalPolicy,
      sandbox: sandboxPolicy(this.#config),
      preset: PRESETS.find(({ sandboxMode }) => sandboxMode === settings.sandboxMode)?.name ?? null,
      effort: settings.effort,
      summary: settings.reasoningSummary,
      mode: this.#mode.kind,
      developerInstructions: settings.surroundings.developerInstructions ?? null,
      instructionSources: docs.pieces.map(({ path }) => path),
    };
  }

  async change({ mode = this.#mode, ...overrides }: TurnOverrides): Promise<void> {
    if (this.#isAgent) {
      throw new CodedError("usage_invalid", "the settings of an agent are those of its role", {
        nextStep: "Change the thread that it works for; agents that begin after that follow it.",
      });
    }
    const sets = [...this.#sets, overrides];
    const config = await this.#configFor(sets, mode);
    await this.#session.change(settingsChange(config, mode));
    this.#config = config;
    this.#sets = sets;
    this.#mode = mode;
  }

  async reloadMcpServers(): Promise<void> {
    // An agent has the servers of the thread that it works for.
    if (this.#isAgent) return;
    const { mcpServers, mcpStartupGraceMs } = (await this.#configFor(this.#sets, this.#mode)).loaded.config;
    const { loaded, workspace } = this.#config;
    const config = { ...loaded.config, mcpServers, mcpStartupGraceMs };
    this.#config = { loaded: { ...loaded, config }, workspace };
    await this.#session.moveServers(settingsChange(this.#config, this.#mode));
  }

  /** A thread that was left in plan mode is in it again. */
  async resumeMode(): Promise<void> {
    if (this.#session.lastMode === "plan") await this.change({ mode: { ...DEFAULT_MODE, kind: "plan" } });
  }

  #configFor(sets: readonly (ThreadOverrides & TurnOverrides)[], mode: WantedMode): Promise<ThreadConfig> {
    const { cwd } = this.#session.settings;
    return mode.kind === "default"
      ? threadConfig(this.#base, cwd, sets)
      : planningConfig(this.#base, cwd, sets, mode.effort);
  }

  continueGoal() {
    return this.startTurn([], { followsGoal: true });
  }

  async buildPlan({ itemId, message, limits }: Parameters<EngineThread["buildPlan"]>[0]) {
    const { plan } = this.#session.thread;
    requirePlan(plan, itemId);
    if (this.#mode.kind === "plan") await this.change({ mode: DEFAULT_MODE });
    const input: UserInput[] = [{ type: "text", text: approvalText(message) }];
    return this.startTurn(input, { approves: plan.itemId, ...(limits === undefined ? {} : { limits }) });
  }

  /** `outer` are the limits of those that the thread works for. */
  async startTurn(
    input: readonly UserInput[],
    { outputSchema, limits, clientId, ...kind }: EngineTurnOptions & TurnKind,
    outer: OuterBudget | null = null,
  ) {
    if (outputSchema !== undefined && outputSchema.type !== "object" && !("$ref" in outputSchema)) {
      throw new CodedError(
        "schema_invalid",
        'the output schema is not one of an object: "type" is not "object"',
      );
    }
    const { budget, stop } = startBudget(limits ?? this.#limits);
    try {
      const running = await this.#session.thread.startTurn(input, {
        settings: this.#session.settings,
        warnings: this.#warnings,
        budget,
        outer,
        ...(outputSchema === undefined ? {} : { outputSchema }),
        ...(clientId === undefined ? {} : { clientId }),
        ...kind,
      });
      this.#warnings = [];
      this.#turns += 1;
      void running.done.then(({ status }) => {
        stop();
        this.#endedWell = status === "completed";
      });
      this.#lookAtEarlierThreads();
      return running;
    } catch (thrown) {
      stop();
      throw thrown;
    }
  }

  async startReview({ target, input, limits }: EngineReview) {
    const { startReview } = await import("../review/start-review.ts");
    return startReview({
      base: this.#base,
      session: this.#session,
      config: this.#config,
      modelIsChosen: this.#sets.some(({ model }) => model !== undefined),
      target,
      input,
      limits: limits ?? this.#limits,
    });
  }

  compact(instructions: string | null) {
    const { thread, settings } = this.#session;
    return thread.compact({ settings, ...(instructions === null ? {} : { instructions }) });
  }

  startShellCommand(command: string, timeoutMs: number): RunningTurn {
    const { thread, settings } = this.#session;
    return thread.startTask(this.#userShell(command, timeoutMs), { settings });
  }

  startShellCommandBeside(command: string, timeoutMs: number): void {
    this.#session.thread.startBeside(this.#userShell(command, timeoutMs));
  }

  #userShell(command: string, timeoutMs: number): TurnTask {
    const { settings, tools } = this.#session;
    const id = newId(this.#base.system);
    return userShellTask({ id, command, timeoutMs, cwd: settings.cwd, commands: tools.commands });
  }

  inject(items: readonly unknown[]): void {
    this.#session.thread.remember(items.map(injectedItem));
  }

  get mcp() {
    return this.#session.mcp;
  }

  backgroundCommands() {
    const running = this.#session.tools.commands.list().filter((command) => command.running);
    return running.map(({ itemId, id, command, cwd }) => ({ itemId, processId: String(id), command, cwd }));
  }

  terminateCommand(processId: string): Promise<boolean> {
    return this.#session.tools.commands.terminate(Number(processId));
  }

  memory() {
    const { text, ids } = this.#session.memories;
    return { mode: this.#memoryMode(), text, entries: [...ids] };
  }

  #memoryMode(): "enabled" | "disabled" {
    const { use, generate } = this.#config.loaded.config.memories;
    return this.#session.thread.memoryMode ?? (use || generate ? "enabled" : "disabled");
  }

  /** The user's own threads may become memories, where they leave a log. */
  get #makesMemories(): boolean {
    const { generate } = this.#config.loaded.config.memories;
    return generate && !this.#isAgent && this.#session.thread.rolloutPath !== null;
  }

  /** Threads that ended before are looked at beside the first turn of a new one. */
  #lookAtEarlierThreads(): void {
    if (!this.#makesMemories || this.#looking !== null) return;
    this.#looking = import("../memories/pending-threads.ts").then(({ makeMemoriesInBackground }) =>
      makeMemoriesInBackground(this.#base, this.#config, this.thread.id, this.#closing.signal),
    );
  }

  /** A run that nobody attends is over when its thread is. */
  async #remember(): Promise<void> {
    const { id, rolloutPath: path } = this.#session.thread;
    if (!this.#makesMemories || this.#base.attended || !this.#endedWell || path === null) return;
    const { rememberThread } = await import("../memories/pending-threads.ts");
    await rememberThread(this.#base, this.#config, { id, path });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#session.close();
    await this.#looking;
    await this.#remember();
  }
}

function settingsChange(config: ThreadConfig, mode: WantedMode): SettingsChange {
  const { approvalPolicy } = config.loaded.config;
  return {
    ...config,
    approvalPolicy,
    planMode: mode.kind === "plan" ? { instructions: mode.instructions } : null,
  };
}

/** What a turn is beside the user's words. */
type TurnKind = Pick<TurnOptions, "followsGoal" | "approves">;

const DEFAULT_MODE: WantedMode = { kind: "default", instructions: null, effort: null };

function requirePlan(plan: Thread["plan"], itemId: string | null): asserts plan is NonNullable<typeof plan> {
  if (plan === null) {
    throw new CodedError("usage_invalid", "this thread has no plan to approve", {
      nextStep: "Ask for one in plan mode.",
    });
  }
  if (plan.approved) throw new CodedError("usage_invalid", "this plan was approved already");
  if (itemId !== null && itemId !== plan.itemId) {
    throw new CodedError("usage_invalid", `the plan ${itemId} is not the one that was proposed last`, {
      nextStep: "Read the present plan, then approve that.",
    });
  }
}

function sandboxPolicy({ loaded, workspace }: ThreadConfig): SandboxPolicy {
  const { workspaceWrite } = loaded.config;
  switch (workspace.sandboxMode) {
    case "danger-full-access":
      return { type: "dangerFullAccess" };
    case "external-sandbox":
      return { type: "externalSandbox", networkAccess: "enabled" };
    case "read-only":
      return { type: "readOnly", networkAccess: false };
    case "workspace-write":
      return {
        type: "workspaceWrite",
        writableRoots: [...workspace.extraWritableRoots],
        networkAccess: workspaceWrite.networkAccess,
        excludeTmpdirEnvVar: workspaceWrite.excludeTmpdirEnvVar,
        excludeSlashTmp: workspaceWrite.excludeSlashTmp,
      };
  }
}

function asWarning(notice: ResumeNotice): SessionWarning {
  if (notice.kind === "unknown_outcome") {
    const [line = ""] = notice.description.split("\n");
    const message = `It is unknown how this ended, and it was not run again: ${visibleLine(line)}`;
    return { code: "outcome_unknown", message };
  }
  const { damage, keptCopy } = notice;
  const kept = keptCopy === null ? "" : `; the file as it was is kept as ${keptCopy}`;
  const message = `Line ${damage.line} of the log could not be read (${damage.kind})${kept}.`;
  return { code: "rollout_damaged", message };
}
