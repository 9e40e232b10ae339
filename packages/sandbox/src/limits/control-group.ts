import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SandboxDeps } from "../deps.ts";
import { DEFAULT_LIMITS, type ResourceLimits } from "../policy.ts";
import { descendants, family, isRunning } from "../process/process-tree.ts";
import { entryAt } from "../protect/paths.ts";
import { isAlive, processIdentity } from "../protect/process-identity.ts";
import { limitScript } from "./limit-command.ts";
import type { ProcessLimit } from "./process-limit.ts";

const PREFIX = "quire-";
/** Rounds of looking for processes that were started while their parent was being moved. */
const MOST_ROUNDS = 5;

interface Controller {
  readonly name: "pids" | "memory";
  readonly file: string;
  readonly value: string;
}

/** `refused`: this machine lets us make groups and not use them. `outside`: something grew faster than it was moved. */
export type Admission = "inside" | "outside" | "refused";

/** One folder of a group. */
interface GroupFolder {
  readonly path: string;
  /** The file through which one thread moves itself; undefined where only whole processes are moved. */
  readonly threads: string | undefined;
}

/**
 * A control group for all commands of one sandbox. It is the only limit on processes that holds for uid 0 on every
 * kernel, and the only one on memory that Node programs survive.
 */
export class ControlGroup {
  readonly #folders: readonly GroupFolder[];

  private constructor(folders: readonly GroupFolder[]) {
    this.#folders = folders;
  }

  /** A group where one is needed and may be made, else undefined. `processLimit` is what a trial has shown. */
  static create(
    limits: ResourceLimits | undefined,
    deps: SandboxDeps,
    processLimit: ProcessLimit,
  ): ControlGroup | undefined {
    const wanted = controllers(limits, processLimit === "group");
    const name = `${PREFIX}${processIdentity(deps.pid) ?? "0.0.0"}-${deps.uniqueName()}`;
    const asThreads = !wanted.some((controller) => controller.name === "memory");
    const folders = wanted.flatMap((controller) => makeGroup(controller, name, asThreads) ?? []);
    const distinct = folders.filter(({ path }, index) => folders.findIndex((o) => o.path === path) === index);
    return distinct.length === 0 ? undefined : new ControlGroup(distinct);
  }

  /** A group that limits processes, to find out whether one can be used here. */
  static trial(deps: SandboxDeps): ControlGroup | undefined {
    return ControlGroup.create({}, deps, "group");
  }

  /**
   * Moves a process that was just started, and what it started meanwhile; what those start later is in the group by
   * itself. The kernel takes several milliseconds to move the first one, so this does not block. Whoever lets something
   * in that may multiply waits for `inside`: it would do so faster than it is moved.
   */
  async admit(pid: number): Promise<Admission> {
    let outside = [pid];
    for (let round = 0; round < MOST_ROUNDS && outside.length > 0; round++) {
      const moves = outside.flatMap((process) => this.#folders.map(({ path }) => enter(path, process)));
      if ((await Promise.all(moves)).includes("refused")) return "refused";
      const members = this.#folders.map(processesIn);
      outside = (family(pid) ?? [pid, ...descendants(pid)]).filter(
        (process) => !members.every((inside) => inside.has(process)) && isRunning(process),
      );
    }
    return outside.length > 0 ? "outside" : "inside";
  }

  /**
   * A command that goes into the group by itself, sets `limits` and becomes what follows it, or ends. The kernel waits
   * for nothing when a process with one thread moves only itself. Undefined where that cannot be done, which is so for
   * memory in version 2. A trial shows first whether a group takes anything in at all.
   */
  entering(sh: string, limits: ResourceLimits): readonly string[] | undefined {
    const files = this.#folders.flatMap(({ threads }) => threads ?? []);
    if (files.length < this.#folders.length) return undefined;
    const enter = files.map((_, index) => `echo 0 > "$${index + 1}" && `).join("");
    // Shells put variables of their own into an environment that was empty.
    const become = `unset PWD OLDPWD SHLVL _\nexec "$@"`;
    const script = `${enter}shift ${files.length} || exit\n${limitScript(limits)}\n${become}`;
    return [sh, "-c", script, sh, ...files];
  }

  close(): void {
    for (const { path } of this.#folders) tryRemove(path);
  }
}

async function enter(folder: string, pid: number): Promise<"moved" | "gone" | "refused"> {
  try {
    await writeFile(join(folder, "cgroup.procs"), String(pid));
    return "moved";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH" ? "gone" : "refused";
  }
}

/** In a group of threads only these can be listed; a process's first thread has its number. */
function processesIn({ path, threads }: GroupFolder): ReadonlySet<number> {
  return new Set(
    read(threads ?? join(path, "cgroup.procs"))
      .split("\n")
      .map(Number),
  );
}

function controllers(limits: ResourceLimits | undefined, countsProcesses: boolean): Controller[] {
  const { processes, memoryBytes } = { ...DEFAULT_LIMITS, ...limits } as ResourceLimits;
  const wanted: Controller[] = [];
  if (countsProcesses) wanted.push({ name: "pids", file: "pids.max", value: String(processes) });
  if (memoryBytes !== undefined) {
    wanted.push({ name: "memory", file: "memory.max", value: String(memoryBytes) });
    wanted.push({ name: "memory", file: "memory.limit_in_bytes", value: String(memoryBytes) });
  }
  return wanted;
}

/** The folder of a new group with the limit set, or undefined where the controller is not ours to use. */
function makeGroup(controller: Controller, name: string, asThreads: boolean): GroupFolder | undefined {
  const own = ownGroup(controller.name);
  if (own === undefined) return undefined;
  const folder = join(own.path, name);
  try {
    sweep(own.path);
    const ofThreads = own.version === 2 && asThreads;
    if (ofThreads) hand(own.path, controller.name);
    mkdirSync(folder, { recursive: true });
    if (ofThreads) writeFileSync(join(folder, "cgroup.type"), "threaded");
    if (entryAt(join(folder, controller.file)) === undefined) {
      if (controller.file !== "memory.max") tryRemove(folder);
      return undefined;
    }
    writeFileSync(join(folder, controller.file), controller.value);
    if (own.version === 1) return { path: folder, threads: join(folder, "tasks") };
    return { path: folder, threads: ofThreads ? join(folder, "cgroup.threads") : undefined };
  } catch {
    // Read-only or not delegated to us, as in most containers and for most users.
    tryRemove(folder);
    return undefined;
  }
}

/**
 * Lets the groups below have the controller. In version 2 a group with processes of its own, as a login's or a service's
 * is, may do so only for controllers that count threads, and only for groups of threads.
 */
function hand(parent: string, controller: string): void {
  const file = join(parent, "cgroup.subtree_control");
  if (!read(file).split(/\s+/).includes(controller)) writeFileSync(file, `+${controller}`);
}

interface OwnGroup {
  readonly path: string;
  readonly version: 1 | 2;
}

/** The group this process is in: in the controller's own tree (version 1), else in the common one (version 2). */
function ownGroup(controller: string): OwnGroup | undefined {
  const lines = read("/proc/self/cgroup")
    .split("\n")
    .map((line) => line.split(":"));
  const own =
    lines.find(([, names = ""]) => names.split(",").includes(controller)) ?? lines.find(([id]) => id === "0");
  if (own === undefined) return undefined;
  const version = own[0] === "0" ? 2 : 1;
  for (const line of read("/proc/self/mountinfo").split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const [type, , options = ""] = after.split(" ");
    const matches =
      version === 1 ? type === "cgroup" && options.split(",").includes(controller) : type === "cgroup2";
    const mountPoint = before.split(" ")[4];
    if (matches && mountPoint !== undefined)
      return { path: join(mountPoint, own.slice(2).join(":")), version };
  }
  return undefined;
}

/** Tells one place among the groups from another: what could be done in one says nothing about the next. */
export function processGroupPath(): string {
  return ownGroup("pids")?.path ?? "";
}

/** Removes groups of processes that were killed. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (name.startsWith(PREFIX) && !isAlive(name.slice(PREFIX.length).split("-")[0] ?? ""))
      tryRemove(join(parent, name));
  }
}

function tryRemove(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Still in use for a moment, or gone; the next sandbox sweeps.
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // No control groups here.
    return "";
  }
}
