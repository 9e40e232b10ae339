import type { CommandSpec, RunningCommand, StartOutcome } from "../command.ts";
import { type CheckedCommand, checkCommand } from "../command-check.ts";
import type { SandboxDeps } from "../deps.ts";
import { findHostPrograms } from "../host-programs.ts";
import type { ProxiedNetwork } from "../network-proxy/proxied-network.ts";
import type { SandboxPolicy } from "../policy.ts";
import { PipePool } from "../process/pipe-pool.ts";
import { RunningProcess } from "../process/running-process.ts";
import { NO_TERMINALS, openTerminal, standardOf, type Terminal } from "../process/terminal.ts";
import { canonicalPath } from "../protect/paths.ts";
import type { ScanResult } from "../protect/workspace-scan.ts";
import { makeRuntimeFolder } from "../runtime-folder.ts";
import type { Sandbox, SandboxStatus } from "../sandbox.ts";
import type { FilterArch } from "../seccomp/system-calls.ts";
import { type LaunchedSandbox, SandboxLauncher } from "./launcher.ts";
import { NamespaceLifetime } from "./namespace-lifetime.ts";
import { type BubblewrapProbe, probeBubblewrap } from "./probe.ts";
import { UNLIMITED_PROCESSES } from "./remedies.ts";
import { planKey, type RunPlan, RunPlanner } from "./run-plan.ts";
import { canPrewarm } from "./staged.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

const MOST_TRIES = 5;
/** Older ones are thrown away: the longer one waits, the less it is like a new one. */
const PREWARMED_LIFETIME_MS = 60_000;
/** By then what a command printed is on its way to the model, and preparing the next sandbox holds nothing up. */
const REPORTED_MS = 3;
/** A command that still runs after this long is not held up noticeably either, and others may come beside it. */
const RUNS_ON_MS = 50;
/** What it takes to make one, with something to spare. */
const HURRIED_MS = 30;

type Ready = Extract<BubblewrapProbe, { ok: true }>;

/** A sandbox that waits for its command. Used once. */
interface Waiting {
  readonly sandbox: LaunchedSandbox;
  readonly timer: NodeJS.Timeout;
}

/** Linux: each command in its own namespaces, made by bubblewrap. */
export class BubblewrapSandbox implements Sandbox {
  readonly #policy: SandboxPolicy;
  readonly #deps: SandboxDeps;
  readonly #roots: readonly string[];
  readonly #planner: RunPlanner;
  readonly #launcher: SandboxLauncher;
  readonly #temporary: TemporaryFolder;
  readonly #running = new Set<RunningCommand>();
  #pipes: PipePool | undefined;
  #probe: Promise<BubblewrapProbe> | undefined;
  /** Present where the policy has network rules, from the first proof on. */
  #network: ProxiedNetwork | undefined;
  #status: SandboxStatus;
  #waiting: Waiting | undefined;
  #warming: Promise<void> | undefined;
  /** From the first prewarming on, each command is followed by preparing the next one's sandbox. */
  #keepReady = false;
  #nextPreparation: NodeJS.Timeout | undefined;
  #lastEnd = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | undefined;

  constructor(policy: SandboxPolicy, deps: SandboxDeps, roots: readonly string[]) {
    this.#policy = policy;
    this.#deps = { ...deps, runtimeDir: makeRuntimeFolder(deps) };
    this.#roots = roots;
    this.#temporary = new TemporaryFolder(this.#deps);
    this.#planner = new RunPlanner(policy, this.#deps, roots, this.#temporary);
    this.#launcher = new SandboxLauncher(policy, this.#deps);
    this.#status = {
      mode: policy.mode,
      backend: "bubblewrap",
      state: { kind: "unproven" },
      weaknesses: policy.weakProc ? ["commands see the host's processes in /proc"] : [],
    };
  }

  get status(): SandboxStatus {
    return this.#status;
  }

  async start(given: CommandSpec, options: { readonly signal?: AbortSignal } = {}): Promise<StartOutcome> {
    const checked = checkCommand(given);
    if ("kind" in checked) return checked;
    const ready = await this.#ready();
    if (!ready.ok) return { kind: "unavailable", reason: ready.reason };
    if (given.tty && ready.programs.setsid === undefined) return NO_TERMINALS;
    await this.#warming;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(checked, ready, options.signal);
      if (typeof outcome !== "string") return outcome;
      if (attempt === MOST_TRIES) {
        return failed(
          "spawn-failed",
          `the workspace kept changing while the sandbox was made (${outcome}); end what changes it, then retry`,
        );
      }
    }
  }

  prewarm(cwd: string, { afterMs = 0 }: { readonly afterMs?: number } = {}): void {
    this.#keepReady = true;
    const plan = () => this.#planFor(cwd);
    if (afterMs === 0) this.#prepare(plan);
    else this.#prepareIn(afterMs, plan);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#nextPreparation);
    await this.#warming;
    this.#discard();
    await Promise.all([...this.#running].map((command) => command.kill()));
    await this.#network?.close();
    await this.#launcher.close();
    await this.#pipes?.close();
    await this.#temporary.close();
  }

  #ready(): Promise<BubblewrapProbe> {
    this.#probe ??= this.#prove();
    return this.#probe;
  }

  async #prove(): Promise<BubblewrapProbe> {
    const programs = findHostPrograms(this.#deps.env.PATH, this.#roots);
    this.#pipes ??= new PipePool(this.#deps.runtimeDir, programs.mkfifo, this.#deps.uniqueName);
    const options = { programs, freshProc: !this.#policy.weakProc };
    const probe = await this.#withNetwork(await probeBubblewrap(options, this.#deps));
    this.#status = {
      ...this.#status,
      state: probe.ok
        ? { kind: "ready", version: probe.features.version }
        : { kind: "unavailable", reason: probe.reason },
      weaknesses: [
        ...(this.#policy.weakProc ? ["commands see the host's processes in /proc"] : []),
        ...(probe.ok && probe.processLimit === "none"
          ? [`${UNLIMITED_PROCESSES.weakness}; ${UNLIMITED_PROCESSES.remedy}`]
          : []),
      ],
    };
    // A failure is not kept: the user may be about to repair it.
    if (!probe.ok) this.#probe = undefined;
    else this.#launcher.sweep();
    return probe;
  }

  /** Opens the proxy, if there is to be one; without it no command may run. */
  async #withNetwork(probe: BubblewrapProbe): Promise<BubblewrapProbe> {
    const { network } = this.#policy;
    if (!probe.ok || typeof network !== "object" || this.#network) return probe;
    if (probe.programs.perl === undefined) {
      return {
        ok: false,
        reason: {
          code: "programs-missing",
          cause:
            "perl, which connects commands with the network proxy, was not found outside the writable folders",
          remedy: "install perl (perl-base on Debian), or switch the network off",
        },
      };
    }
    const { createProxiedNetwork } = await import("../network-proxy/proxied-network.ts");
    this.#network = createProxiedNetwork(
      network.proxy,
      this.#deps.network ?? {},
      this.#deps.arch as FilterArch,
    );
    return probe;
  }

  /** A string says what moved between being looked at and being mounted. */
  async #attempt(
    { spec, cwd }: CheckedCommand,
    ready: Ready,
    signal: AbortSignal | undefined,
  ): Promise<StartOutcome | string> {
    const before = await this.#planner.look();
    if (this.#closing) return failed("closed", "the sandbox was closed");
    if (signal?.aborted) return failed("interrupted", "interrupted before it started");
    const { problem } = this.#planner;
    if (problem !== undefined) return failed("spawn-failed", problem);
    const keepSession = spec.tty !== undefined || spec.inherit === "terminal";
    const plan = this.#planner.plan(before, cwd, ready.features, keepSession);
    const waiting = await this.#take(plan, spec);
    if (waiting) return this.#started(waiting, plan, before, { signal, prewarmed: true });

    const terminal = spec.tty ? openTerminal(spec.tty) : undefined;
    const standard = standardOf(spec, terminal, this.#pipes);
    const result = await this.#launcher.launch({
      plan,
      programs: ready.programs,
      standard,
      spec,
      network: this.#network,
      processLimit: ready.processLimit,
    });
    if (result.kind === "launched") {
      return this.#started(result.sandbox, plan, before, { terminal, signal, prewarmed: false });
    }
    terminal?.releaseDevice();
    terminal?.stream.destroy();
    if (result.kind === "changed") return result.reason;
    return failed("spawn-failed", `the sandbox program did not start: ${result.message}`);
  }

  #started(
    sandbox: LaunchedSandbox,
    plan: RunPlan,
    before: ScanResult,
    how: { terminal?: Terminal | undefined; signal: AbortSignal | undefined; prewarmed: boolean },
  ): StartOutcome {
    const { child, pid, streams, statusDescriptor, release } = sandbox;
    const lifetime = new NamespaceLifetime({
      pid,
      statusDescriptor,
      finish: () => {
        release();
        return this.#planner.inspect(plan.view, before);
      },
    });
    const command = new RunningProcess({ child, pid, streams, lifetime, writableRoots: this.#roots, ...how });
    this.#running.add(command);
    void command.ended.then(() => this.#running.delete(command));
    if (this.#keepReady && !plan.containment.keepSession) this.#prepareAfter(command.ended, plan);
    return { kind: "started", command };
  }

  /**
   * The next command usually looks the same, and comes when the model has seen what this one said. Where it came sooner
   * than a sandbox is made, the only time to make one is while a command runs.
   */
  #prepareAfter(ended: Promise<unknown>, plan: RunPlan): void {
    const hurried = this.#deps.now() - this.#lastEnd < HURRIED_MS;
    const later = (milliseconds: number) => this.#prepareIn(milliseconds, () => Promise.resolve(plan));
    later(hurried ? 0 : RUNS_ON_MS);
    void ended.then(() => {
      this.#lastEnd = this.#deps.now();
      if (!this.#closing && !hurried) later(REPORTED_MS);
    });
  }

  #prepareIn(milliseconds: number, plan: () => Promise<RunPlan | undefined>): void {
    clearTimeout(this.#nextPreparation);
    if (this.#closing) return;
    this.#nextPreparation = setTimeout(() => {
      if (!this.#waiting) this.#prepare(plan);
    }, milliseconds).unref();
  }

  #prepare(plan: () => Promise<RunPlan | undefined>): void {
    if (this.#closing || this.#warming) return;
    this.#warming = this.#warm(plan)
      // A command that finds nothing ready makes its own sandbox, and meets the same problem in the open.
      .catch(() => undefined)
      .finally(() => {
        this.#warming = undefined;
      });
  }

  async #planFor(cwd: string): Promise<RunPlan | undefined> {
    const ready = await this.#ready();
    const folder = canonicalPath(cwd);
    if (!ready.ok || folder === undefined) return undefined;
    return this.#planner.plan(await this.#planner.look(), folder, ready.features, false);
  }

  async #warm(wanted: () => Promise<RunPlan | undefined>): Promise<void> {
    const [ready, plan] = await Promise.all([this.#ready(), wanted()]);
    if (!ready.ok || plan === undefined) return;
    if (this.#closing || (this.#waiting && this.#waiting.sandbox.key === planKey(plan))) return;
    this.#discard();
    const result = await this.#launcher.launch({
      plan,
      programs: ready.programs,
      standard: { kind: "pipes", stdin: "pipe", pool: this.#pipes },
      spec: undefined,
      network: this.#network,
      processLimit: ready.processLimit,
    });
    if (result.kind !== "launched") return;
    const { sandbox } = result;
    sandbox.stage?.keepAlive(false);
    const timer = setTimeout(() => this.#discard(), PREWARMED_LIFETIME_MS).unref();
    const waiting = { sandbox, timer };
    sandbox.child.once("exit", () => {
      if (this.#waiting === waiting) this.#discard();
    });
    this.#waiting = waiting;
  }

  /** The waiting sandbox, with the command on its way, if it is exactly what the plan asks for. */
  async #take(plan: RunPlan, spec: CommandSpec): Promise<LaunchedSandbox | undefined> {
    const waiting = this.#waiting;
    if (waiting === undefined || !canPrewarm(spec)) return undefined;
    if (waiting.sandbox.key !== planKey(plan)) {
      this.#discard();
      return undefined;
    }
    this.#waiting = undefined;
    clearTimeout(waiting.timer);
    this.#network?.label(waiting.sandbox.child, spec.origin ?? null);
    if (await this.#launcher.deliver(waiting.sandbox, plan, spec)) return waiting.sandbox;
    this.#launcher.dispose(waiting.sandbox);
    return undefined;
  }

  #discard(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.#launcher.dispose(waiting.sandbox);
  }
}

function failed(code: Extract<StartOutcome, { kind: "failed" }>["code"], message: string): StartOutcome {
  return { kind: "failed", code, message };
}
