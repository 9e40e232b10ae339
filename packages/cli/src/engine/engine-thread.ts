import type {
  EffectiveSettings,
  EngineThread,
  OpenThread,
  ThreadOverrides,
  ThreadSeams,
  TurnOverrides,
} from "@quire/app-server";
import { findThread, type ResumeNotice } from "@quire/core";
import { CodedError } from "@quire/protocol";
import type { SandboxPolicy } from "@quire/protocol/app-server";
import { OFFLINE_MODEL } from "../session/model-choice.ts";
import { openSession, type Session } from "../session/open-session.ts";
import type { SessionWarning, ThreadTarget } from "../session/session-request.ts";
import { type EngineBase, type ThreadConfig, threadConfig } from "./thread-config.ts";

/** Opens a thread for a client. */
export async function openEngineThread(
  base: EngineBase,
  request: OpenThread,
  seams: ThreadSeams,
): Promise<EngineThread> {
  const { target, overrides, ephemeral, originator } = request;
  const cwd = target.kind === "start" ? base.system.cwd : findThread(base.home, target.threadId).cwd;
  const config = await threadConfig(base, cwd || base.system.cwd, [overrides]);
  const session = await openSession({
    system: base.system,
    home: base.home,
    ...config,
    target: targetOf(target),
    ephemeral,
    ignoreRules: false,
    source: "appServer",
    originator,
    approvalPolicy: config.loaded.config.approvalPolicy,
    approver: seams.approver,
    clientTools: seams.tools,
  });
  return new SessionThread(base, session, config, overrides);
}

class SessionThread implements EngineThread {
  readonly #base: EngineBase;
  readonly #session: Session;
  #config: ThreadConfig;
  #sets: readonly (ThreadOverrides & TurnOverrides)[];
  /** Shown, and kept in the log, with the first turn. */
  #warnings: readonly SessionWarning[];

  constructor(base: EngineBase, session: Session, config: ThreadConfig, overrides: ThreadOverrides) {
    this.#base = base;
    this.#session = session;
    this.#config = config;
    this.#sets = [overrides];
    this.#warnings = [...session.warnings, ...session.notices.map(asWarning)];
  }

  get thread() {
    return this.#session.thread;
  }

  get meta() {
    return this.#session.meta;
  }

  settings(): EffectiveSettings {
    const { settings, choice, docs } = this.#session;
    return {
      model: settings.model,
      modelProvider: choice.kind === "offline" ? OFFLINE_MODEL : choice.provider.id,
      cwd: settings.cwd,
      approvalPolicy: settings.approvalPolicy,
      sandbox: sandboxPolicy(this.#config),
      effort: settings.effort,
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

  startTurn(...[input, { outputSchema }]: Parameters<EngineThread["startTurn"]>) {
    if (outputSchema !== undefined && outputSchema.type !== "object" && !("$ref" in outputSchema)) {
      throw new CodedError(
        "schema_invalid",
        'the output schema is not one of an object: "type" is not "object"',
      );
    }
    const warnings = this.#warnings;
    this.#warnings = [];
    return this.#session.thread.startTurn(input, {
      settings: this.#session.settings,
      warnings,
      ...(outputSchema === undefined ? {} : { outputSchema }),
    });
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
    const message = `It is unknown how this ended, and it was not run again: ${notice.description}`;
    return { code: "outcome_unknown", message };
  }
  const { damage, keptCopy } = notice;
  const kept = keptCopy === null ? "" : `; the file as it was is kept as ${keptCopy}`;
  const message = `Line ${damage.line} of the log could not be read (${damage.kind})${kept}.`;
  return { code: "rollout_damaged", message };
}
