import type { ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import type { CommandSpec } from "../command.ts";
import type { SandboxDeps } from "../deps.ts";
import { terminalCommand } from "../host-programs.ts";
import { ControlGroup } from "../limits/control-group.ts";
import { limitCommand } from "../limits/limit-command.ts";
import { namespaceLimitScript, type ProcessLimit } from "../limits/process-limit.ts";
import type { ProxiedNetwork } from "../network-proxy/proxied-network.ts";
import { DEFAULT_LIMITS, type SandboxPolicy } from "../policy.ts";
import type { Standard } from "../process/launch.ts";
import { sendSignal } from "../process/process-tree.ts";
import type { StandardStreams } from "../process/standard-streams.ts";
import { MountPoints } from "../protect/mount-points.ts";
import { scratchFile } from "../protect/scratch-file.ts";
import { seccompFilter } from "../seccomp/filter.ts";
import type { FilterArch } from "../seccomp/system-calls.ts";
import { launchContained, procDescriptor } from "./contained-launch.ts";
import { isMountedAsPlanned } from "./mount-check.ts";
import { readStatus } from "./namespace-lifetime.ts";
import type { UsablePrograms } from "./probe.ts";
import { planKey, type RunPlan } from "./run-plan.ts";
import { Stage, waitingCommand } from "./staged.ts";

/** One sandbox's process on the host, and what it holds until `dispose` or the end of its command. */
export interface LaunchedSandbox {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly streams: StandardStreams;
  readonly statusDescriptor: number;
  /** Gives back the mount points. */
  readonly release: () => void;
  /** Present in one that waits for its command. */
  readonly stage: Stage | undefined;
  /** False when its processes are not all in the control group there is. */
  readonly admitted: Promise<boolean>;
  /** The plan's key as it was made, where the command comes later. */
  readonly key: string | undefined;
}

/** `changed`: something in the workspace moved while the sandbox was made; look again and retry. */
export type LaunchResult =
  | { readonly kind: "launched"; readonly sandbox: LaunchedSandbox }
  | { readonly kind: "changed"; readonly reason: string }
  | { readonly kind: "failed"; readonly message: string };

export interface LaunchRequest {
  readonly plan: RunPlan;
  readonly programs: UsablePrograms;
  readonly standard: Standard;
  /** Undefined for a sandbox whose command comes later. */
  readonly spec: CommandSpec | undefined;
  readonly network: ProxiedNetwork | undefined;
  /** What a trial has shown to limit processes here. */
  readonly processLimit: ProcessLimit;
}

const SHELL = /^(?:\/usr)?\/bin\/(?:ba|da)?sh$/;
const ALREADY_INSIDE = Promise.resolve(true);

/** Why a finished sandbox gets no command. */
const CHANGES = {
  moved: "a folder was swapped for a link",
  unlimited: "its processes could not be put into a control group",
} as const;

/** Starts bubblewrap processes and owns what they share: filter, mount points, control group. */
export class SandboxLauncher {
  readonly #policy: SandboxPolicy;
  readonly #deps: SandboxDeps;
  readonly #mountPoints: MountPoints;
  readonly #admissions = new Set<Promise<boolean>>();
  #filterDescriptor: number | undefined;
  /** Undefined until first needed, null where there cannot be one. */
  #group: ControlGroup | null | undefined;
  #closed = false;

  constructor(policy: SandboxPolicy, deps: SandboxDeps) {
    this.#policy = policy;
    this.#deps = deps;
    this.#mountPoints = new MountPoints(deps.runtimeDir, deps.pid, deps.uniqueName());
  }

  /** Removes what killed processes left behind. */
  sweep(): void {
    this.#mountPoints.sweep();
  }

  /**
   * Starts a command, or a sandbox that waits for one. It is made waiting in any case, and checked before the command
   * is let in, where a plan mounts on folders a command can move, and where limits are set from outside: a command that
   * multiplies does so faster than its processes can be moved into a control group.
   */
  async launch(request: LaunchRequest): Promise<LaunchResult> {
    const { plan, spec } = request;
    const entering = this.#entering(request);
    const moved = entering === undefined && this.#limits(request.processLimit) !== null;
    const staged = spec === undefined || plan.view.pinned.length > 0 || moved;
    const result = await this.#spawn(request, staged, entering);
    if (result.kind !== "launched" || spec === undefined) return result;
    const { sandbox } = result;
    if (sandbox.stage === undefined) return result;
    const checked = await this.#check(sandbox, plan);
    if (checked === "complete") {
      sandbox.stage.deliver(spec, plan.containment.cwd, "kept");
      return result;
    }
    const reason = checked === "ended" ? await lastWords(sandbox.streams) : CHANGES[checked];
    this.dispose(sandbox);
    return { kind: "changed", reason };
  }

  /** Hands a command to a waiting sandbox; false when that is not, or no longer, what was planned. */
  async deliver(sandbox: LaunchedSandbox, plan: RunPlan, spec: CommandSpec): Promise<boolean> {
    if (sandbox.stage === undefined) return false;
    // From here on somebody waits for it: without this the process could end in the middle of the check.
    sandbox.stage.keepAlive(true);
    if ((await this.#check(sandbox, plan)) !== "complete") return false;
    sandbox.stage.deliver(spec, plan.containment.cwd, spec.stdin === "pipe" ? "kept" : "none");
    return true;
  }

  /** Ends a sandbox that got no command. */
  dispose(sandbox: LaunchedSandbox): void {
    // Killed early, the program may not have tied its first process to its own life yet.
    const { firstProcess } = readStatus(sandbox.statusDescriptor);
    if (firstProcess !== undefined) sendSignal(firstProcess, "SIGKILL");
    sendSignal(sandbox.pid, "SIGKILL");
    // A door that was not handed over yet would keep our own process alive.
    if (sandbox.child.connected) sandbox.child.disconnect();
    closeSync(sandbox.statusDescriptor);
    for (const stream of [...sandbox.child.stdio, ...Object.values(sandbox.streams)]) stream?.destroy();
    sandbox.release();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#admissions);
    this.#group?.close();
    await this.#mountPoints.close();
    if (this.#filterDescriptor !== undefined) closeSync(this.#filterDescriptor);
    this.#filterDescriptor = undefined;
  }

  async #check(
    sandbox: LaunchedSandbox,
    plan: RunPlan,
  ): Promise<"complete" | "ended" | keyof typeof CHANGES> {
    if (!(await sandbox.stage?.complete)) return "ended";
    if (!(await sandbox.admitted)) return "unlimited";
    if (plan.view.pinned.length === 0) return "complete";
    const first = readStatus(sandbox.statusDescriptor).firstProcess;
    if (first === undefined) return "ended";
    return isMountedAsPlanned(first, plan) ? "complete" : "moved";
  }

  async #spawn(
    request: LaunchRequest,
    staged: boolean,
    entering: readonly string[] | undefined,
  ): Promise<LaunchResult> {
    const { plan, programs, standard, spec, network } = request;
    const { bwrap, setsid, sh, perl } = programs;
    // Before there is anything to guard: a moment later it could be too late.
    if (plan.view.missing.length > 0 && !this.#closed) await this.#mountPoints.guard(sh);
    if (this.#closed) return { kind: "failed", message: "the sandbox was closed meanwhile" };
    const release = this.#mountPoints.acquire(plan.view.missing);
    // With the mount points there and nothing mounted: what takes a name from here on makes the sandbox useless.
    const key = spec === undefined ? planKey(plan) : undefined;
    const launched = await launchContained(
      {
        bwrap,
        entering: entering ?? [],
        filterDescriptor: this.#filter(),
        containment: {
          ...plan.containment,
          environment: { ...plan.containment.environment, ...spec?.env },
        },
        argv: [
          ...(standard.kind === "terminal" && setsid ? terminalCommand(setsid) : []),
          ...this.#program(request, staged, entering !== undefined),
        ],
        standard,
        script: staged,
        door: network && perl !== undefined ? { network, perl } : undefined,
        hostProc: request.processLimit === "namespace",
      },
      this.#deps,
    );
    if (launched.kind !== "running") {
      release();
      return launched;
    }
    const admitted = entering ? ALREADY_INSIDE : this.#admit(launched.pid);
    const { child, pid, streams, statusDescriptor } = launched;
    network?.label(child, spec?.origin ?? null);
    const stage = staged ? new Stage(child, streams) : undefined;
    return {
      kind: "launched",
      sandbox: { child, pid, streams, statusDescriptor, release, stage, key, admitted },
    };
  }

  /** Limits are set inside, where the kernel counts processes per sandbox, unless that was done on the way in. */
  #program(request: LaunchRequest, staged: boolean, limited: boolean): readonly string[] {
    const { programs, spec, network, processLimit } = request;
    const limits = { ...DEFAULT_LIMITS, ...this.#policy.limits };
    const before =
      processLimit === "namespace"
        ? `${namespaceLimitScript(limits.processes, procDescriptor(staged, network !== undefined))}\n`
        : "";
    if (staged) return waitingCommand(programs.sh, limits, before);
    const argv = spec?.argv ?? [];
    // A shell tells better than bubblewrap what is wrong with a program, but nothing is wrong with a system's shell.
    return limited && SHELL.test(argv[0] ?? "")
      ? argv
      : [...limitCommand(programs.sh, limits, before), ...argv];
  }

  /** Not where processes are counted per user: on the way in that would be in the namespace around the sandbox. */
  #entering({ programs, processLimit }: LaunchRequest): readonly string[] | undefined {
    if (processLimit !== "group") return undefined;
    return this.#limits(processLimit)?.entering(programs.sh, { ...DEFAULT_LIMITS, ...this.#policy.limits });
  }

  #limits(processLimit: ProcessLimit): ControlGroup | null {
    if (this.#group === undefined) {
      this.#group = ControlGroup.create(this.#policy.limits, this.#deps, processLimit) ?? null;
    }
    return this.#group;
  }

  #admit(pid: number): Promise<boolean> {
    const admission = this.#move(pid);
    this.#admissions.add(admission);
    void admission.finally(() => this.#admissions.delete(admission));
    return admission;
  }

  /** Where groups can be made and not used it is as where there are none: the limits of each process remain. */
  async #move(pid: number): Promise<boolean> {
    const group = this.#group;
    const admission = await group?.admit(pid);
    if (admission !== "refused") return admission !== "outside";
    group?.close();
    this.#group = null;
    return true;
  }

  #filter(): number {
    this.#filterDescriptor ??= scratchFile(
      this.#deps.runtimeDir,
      `${this.#deps.uniqueName()}-filter`,
      seccompFilter({
        arch: this.#deps.arch as FilterArch,
        unixSockets: this.#policy.unixSockets === "on",
        ptrace: this.#policy.allowPtrace === true,
      }),
    );
    return this.#filterDescriptor;
  }
}

/** The last line a process that is ending wrote on its error stream, as far as that is ours to read. */
async function lastWords({ stdout, stderr }: StandardStreams): Promise<string> {
  let text = "";
  stdout?.resume();
  for await (const chunk of stderr ?? []) text = (text + String(chunk)).slice(-1000);
  return text.trim().split("\n").at(-1) || "it ended early";
}
