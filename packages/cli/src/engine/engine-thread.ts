import type {
  EffectiveSettings,
  EngineReview,
  EngineThread,
  EngineTurnOptions,
  OpenThread,
  ThreadOverrides,
  ThreadSeams,
  TurnOverrides,
} from "@quire/app-server";
import { persistTrust } from "@quire/config";
import { findThread, type ResumeNotice, type RunningTurn } from "@quire/core";
import { CodedError, PRESETS, type UserInput, visibleLine } from "@quire/protocol";
import type { OpenNotice, SandboxPolicy, TurnLimits } from "@quire/protocol/app-server";
import { BUILTIN_TOOL_NAMES, MCP_TOOL_NAMES } from "@quire/tools";
import { toolsSwitchedOff } from "../session/features.ts";
import { OFFLINE_MODEL } from "../session/model-choice.ts";
import { openSession, type Session } from "../session/open-session.ts";
import type { SessionWarning, ThreadTarget } from "../session/session-request.ts";
import { newId } from "../session/thread-deps.ts";
import { injectedItem } from "./injected-item.ts";
import { openNotices } from "./open-notices.ts";
import { type EngineBase, type ThreadConfig, threadConfig } from "./thread-config.ts";
import { refuseUnpricedLimit, startBudget } from "./turn-limits.ts";
import { userShellTask } from "./user-shell.ts";

/** Opens a thread for a client. */
export async function openEngineThread(
  base: EngineBase,
  request: OpenThread,
  seams: ThreadSeams,
): Promise<EngineThread> {
  const { target, overrides, ephemeral, originator, limits } = request;
  const { system, home } = base;
  const known = target.kind === "start" || overrides.cwd !== undefined;
  const cwd = known ? system.cwd : findThread(home, target.threadId).cwd;
  const config = await threadConfig(base, cwd || system.cwd, [overrides]);
  const { loaded, workspace } = config;
  if (base.trust) {
    const { projectRootMarkers: rootMarkers } = loaded.config;
    await persistTrust({ home, cwd: workspace.cwd, rootMarkers, level: "trusted" });
  }
  refuseBuiltinNames(seams.tools);
  if (target.kind === "start") refuseUnpricedLimit(limits, config, base);
  const session = await openSession({
    system,
    home,
    ...config,
    target: targetOf(target),
    ephemeral,
    ignoreRules: base.ignoreRules,
    source: base.source,
    originator,
    approvalPolicy: loaded.config.approvalPolicy,
    approver: base.attended ? seams.approver : null,
    askPerson: base.attended ? seams.askPerson : null,
    onMcpStatus: seams.onMcpStatus,
    clientTools: seams.tools,
    withoutTools: toolsSwitchedOff(loaded.config),
  });
  return new SessionThread(base, session, config, request);
}

/** A tool of a client's does not take the place of one of ours: the model would mean one and get the other. */
function refuseBuiltinNames(tools: ThreadSeams["tools"]): void {
  const ours = [...BUILTIN_TOOL_NAMES, ...MCP_TOOL_NAMES];
  const taken = tools.map(({ spec }) => spec.name).find((name) => ours.includes(name));
  if (taken === undefined) return;
  throw new CodedError("usage_invalid", `the name ${taken} belongs to a tool that every thread has`, {
    nextStep: `Give the client's tool another name; taken are ${ours.join(", ")}.`,
  });
}

class SessionThread implements EngineThread {
  readonly #base: EngineBase;
  readonly #session: Session;
  #config: ThreadConfig;
  #sets: readonly (ThreadOverrides & TurnOverrides)[];
  readonly notices: readonly OpenNotice[];
  readonly #limits: TurnLimits;
  /** Shown, and kept in the log, with the first turn. */
  #warnings: readonly SessionWarning[];
  #turns = 0;

  constructor(base: EngineBase, session: Session, config: ThreadConfig, request: OpenThread) {
    this.#base = base;
    this.#session = session;
    this.#config = config;
    this.#sets = [request.overrides];
    this.#limits = request.limits ?? {};
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
      developerInstructions: settings.surroundings.developerInstructions ?? null,
      instructionSources: docs.pieces.map(({ path }) => path),
    };
  }

  async change(overrides: TurnOverrides): Promise<void> {
    const sets = [...this.#sets, overrides];
    const config = await threadConfig(this.#base, this.#session.settings.cwd, sets);
    await this.#session.change({ ...config, approvalPolicy: config.loaded.config.approvalPolicy });
    this.#config = config;
    this.#sets = sets;
  }

  async startTurn(input: readonly UserInput[], { outputSchema, limits }: EngineTurnOptions) {
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
        ...(outputSchema === undefined ? {} : { outputSchema }),
      });
      this.#warnings = [];
      this.#turns += 1;
      void running.done.finally(stop);
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
    const { thread, settings, tools } = this.#session;
    const id = newId(this.#base.system);
    return thread.startTask(
      userShellTask({ id, command, timeoutMs, cwd: settings.cwd, commands: tools.commands }),
      {
        settings,
      },
    );
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

  close(): Promise<void> {
    return this.#session.close();
  }
}

function targetOf(target: OpenThread["target"]): ThreadTarget {
  switch (target.kind) {
    case "start":
      return target;
    case "resume":
      return { kind: "resume", thread: target.threadId, all: true };
    case "fork":
      return { kind: "fork", thread: target.threadId, lastTurnId: target.lastTurnId };
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
