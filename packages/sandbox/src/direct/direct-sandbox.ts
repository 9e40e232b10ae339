import type { CommandSpec, RunningCommand, StartOutcome } from "../command.ts";
import { checkCommand } from "../command-check.ts";
import type { SandboxDeps } from "../deps.ts";
import { commandEnvironment } from "../environment.ts";
import { findHostPrograms, type HostPrograms, terminalCommand } from "../host-programs.ts";
import { limitCommand } from "../limits/limit-command.ts";
import type { SandboxPolicy } from "../policy.ts";
import { descriptorTable } from "../process/inherited-descriptors.ts";
import { launch } from "../process/launch.ts";
import { PipePool } from "../process/pipe-pool.ts";
import { RunningProcess } from "../process/running-process.ts";
import { NO_TERMINALS, openTerminal, standardOf } from "../process/terminal.ts";
import { canonicalPath } from "../protect/paths.ts";
import { makeRuntimeFolder } from "../runtime-folder.ts";
import type { Sandbox, SandboxStatus } from "../sandbox.ts";
import { ProcessGroupLifetime, RUN_MARK } from "./process-group-lifetime.ts";

/**
 * No confinement of its own: for full access, and where a container is the boundary. The environment policy, explicit
 * limits, and the end of everything a command started hold here as well.
 */
export class DirectSandbox implements Sandbox {
  readonly status: SandboxStatus;
  readonly #policy: SandboxPolicy;
  readonly #deps: SandboxDeps;
  readonly #programs: HostPrograms;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #pipes: PipePool | undefined;
  readonly #running = new Set<RunningCommand>();
  #closed = false;

  constructor(policy: SandboxPolicy, deps: SandboxDeps) {
    this.#policy = policy;
    this.#deps = deps;
    const roots = [...policy.workspaceRoots, ...policy.extraWritableRoots];
    this.#programs = findHostPrograms(
      deps.env.PATH,
      roots.flatMap((root) => canonicalPath(root) ?? []),
    );
    if (deps.platform === "linux") {
      this.#pipes = new PipePool(makeRuntimeFolder(deps), this.#programs.mkfifo, deps.uniqueName);
    }
    this.#environment = { ...commandEnvironment(policy.environment, deps.env), QUIRE_SANDBOX: policy.mode };
    this.status = {
      mode: policy.mode,
      backend: "none",
      state: { kind: "ready", version: "" },
      weaknesses:
        policy.mode === "external-sandbox"
          ? ["commands are confined only by what surrounds this process"]
          : ["commands are not confined"],
    };
  }

  async start(given: CommandSpec, options: { readonly signal?: AbortSignal } = {}): Promise<StartOutcome> {
    const checked = checkCommand(given);
    if ("kind" in checked) return checked;
    if (this.#closed) return { kind: "failed", code: "closed", message: "the sandbox was closed" };
    if (options.signal?.aborted)
      return { kind: "failed", code: "interrupted", message: "interrupted before it started" };
    return this.#launch(checked.spec, checked.cwd, options.signal);
  }

  prewarm(): void {
    // A plain process starts faster than anything kept ready could be handed over.
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#running].map((command) => command.kill()));
    await this.#pipes?.close();
  }

  async #launch(spec: CommandSpec, cwd: string, signal: AbortSignal | undefined): Promise<StartOutcome> {
    const { setsid } = this.#programs;
    if (spec.tty && setsid === undefined) return NO_TERMINALS;
    const mark = this.#deps.uniqueName();
    const prefix = [...(spec.tty && setsid ? terminalCommand(setsid) : []), ...this.#limits()];
    const [file = "", ...args] = [...prefix, ...spec.argv];
    const terminal = spec.tty ? openTerminal(spec.tty) : undefined;
    // The program that hands over the terminal makes the session itself, and would fork if it led one already.
    const ownSession = !spec.inherit && !terminal;
    const descriptors =
      this.#deps.platform === "linux"
        ? descriptorTable([])
        : { slots: [], masked: [], close: () => undefined };
    const launched = await launch(
      {
        file,
        args,
        env: { ...this.#environment, ...spec.env, [RUN_MARK]: mark },
        cwd,
        descriptors,
        ownSession,
      },
      standardOf(spec, terminal, this.#pipes),
    );
    descriptors.close();
    if (launched.kind === "failed") {
      terminal?.releaseDevice();
      terminal?.stream.destroy();
      return {
        kind: "failed",
        code: "spawn-failed",
        message: `${spec.argv[0]} did not start: ${launched.message}`,
      };
    }
    const command = new RunningProcess({
      child: launched.child,
      pid: launched.pid,
      streams: launched.streams,
      terminal,
      prewarmed: false,
      lifetime: new ProcessGroupLifetime(launched.pid, mark, this.#deps.platform),
      writableRoots: ["/"],
      signal,
    });
    this.#running.add(command);
    void command.ended.then(() => this.#running.delete(command));
    return { kind: "started", command };
  }

  /** Only what was asked for, except processes: here the kernel would count all of the user's. */
  #limits(): string[] {
    const { sh } = this.#programs;
    if (sh === undefined || this.#policy.limits === undefined) return [];
    const { processes: _counted, ...limits } = this.#policy.limits;
    return limitCommand(sh, limits);
  }
}
