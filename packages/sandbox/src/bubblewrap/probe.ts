import { execFile } from "node:child_process";
import { closeSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SandboxUnavailable } from "../command.ts";
import type { SandboxDeps } from "../deps.ts";
import type { HostPrograms } from "../host-programs.ts";
import { ControlGroup, processGroupPath } from "../limits/control-group.ts";
import { limitCommand } from "../limits/limit-command.ts";
import {
  countsNumbersPerNamespace,
  type ProcessLimit,
  readSwitch,
  readTrial,
  trialScript,
} from "../limits/process-limit.ts";
import { DEFAULT_LIMITS } from "../policy.ts";
import { scratchFile } from "../protect/scratch-file.ts";
import { seccompFilter } from "../seccomp/filter.ts";
import type { FilterArch } from "../seccomp/system-calls.ts";
import { launchContained, procDescriptor } from "./contained-launch.ts";
import { type BubblewrapFeatures, isTooOld, OLDEST_VERSION, parseFeatures } from "./features.ts";
import { fileTree } from "./file-tree.ts";
import { readHostFacts } from "./host-facts.ts";
import { explainFailure, missingBubblewrap } from "./remedies.ts";

/** Bumped when the arguments change in a way an old success says nothing about. */
const CACHE_FORMAT = 2;
const TRIAL_TIMEOUT_MS = 5000;

/** What a trial sandbox showed. `programs` are those it was made with. */
export type BubblewrapProbe =
  | {
      readonly ok: true;
      readonly features: BubblewrapFeatures;
      readonly programs: UsablePrograms;
      readonly processLimit: ProcessLimit;
    }
  | { readonly ok: false; readonly reason: SandboxUnavailable };

export interface UsablePrograms {
  readonly bwrap: string;
  readonly sh: string;
  readonly setsid: string | undefined;
  readonly perl: string | undefined;
}

export interface ProbeOptions {
  readonly programs: HostPrograms;
  readonly freshProc: boolean;
}

/** Tries a full sandbox, or takes the remembered success of an earlier trial with the same program and kernel. */
export async function probeBubblewrap(options: ProbeOptions, deps: SandboxDeps): Promise<BubblewrapProbe> {
  const { bwrap, sh, setsid, perl } = options.programs;
  if (deps.arch !== "x64" && deps.arch !== "arm64") return unsupportedMachine(deps.arch);
  if (bwrap === undefined) return { ok: false, reason: missingBubblewrap(readHostFacts()) };
  if (sh === undefined) return missingPrograms();
  const programs = { bwrap, sh, setsid, perl };
  const key = cacheKey(bwrap, options.freshProc, deps);
  const remembered = recall(key, deps);
  if (remembered) return { ok: true, ...remembered, programs };
  const features = await readFeatures(bwrap);
  if (features === undefined || isTooOld(features.version)) return tooOld(features?.version);
  const before = readSwitch();
  const shown = await trial({ programs, features, freshProc: options.freshProc }, deps);
  if (!shown.ok) return { ok: false, reason: explainFailure(shown.printed, readHostFacts()) };
  const processLimit = await findProcessLimit(shown.printed, before, sh, deps);
  remember(key, { features, processLimit }, deps);
  return { ok: true, features, programs, processLimit };
}

/** Only uid 0 of the machine itself is not counted as a user, so only as uid 0 the trial looked at more. */
async function findProcessLimit(
  printed: string,
  before: number,
  sh: string,
  deps: SandboxDeps,
): Promise<ProcessLimit> {
  if (deps.uid !== 0) return "user";
  const found = readTrial(printed, before);
  // A group is exact, and numbers are used again sooner where few are given out.
  return found !== "user" && (await canUseGroup(sh, deps)) ? "group" : found;
}

async function canUseGroup(sh: string, deps: SandboxDeps): Promise<boolean> {
  const group = ControlGroup.trial(deps);
  const [file, ...args] = group?.entering(sh, {}) ?? [];
  try {
    if (file === undefined) return false;
    const run = { env: {}, timeout: TRIAL_TIMEOUT_MS };
    return await new Promise((resolve) =>
      execFile(file, [...args, sh, "-c", "exit 0"], run, (error) => resolve(error === null)),
    );
  } finally {
    group?.close();
  }
}

interface Trial {
  readonly programs: UsablePrograms;
  readonly features: BubblewrapFeatures;
  readonly freshProc: boolean;
}

/** Runs next to nothing in a sandbox with every part a real one has. */
async function trial(
  { programs, features, freshProc }: Trial,
  deps: SandboxDeps,
): Promise<{ readonly ok: boolean; readonly printed: string }> {
  const view = {
    writable: [],
    pinned: [],
    readOnly: [],
    missing: [],
    hiddenFolders: [],
    hiddenFiles: [],
    links: [],
  };
  const mounts = fileTree({
    view,
    visible: [],
    network: "off",
    uid: deps.uid,
    temporaryFolder: undefined,
    freshProc,
  });
  const filter = seccompFilter({ arch: deps.arch as FilterArch, unixSockets: false, ptrace: false });
  const filterDescriptor = scratchFile(deps.runtimeDir, `${deps.uniqueName()}-filter`, filter);
  const { sh } = programs;
  const hostProc = deps.uid === 0 && countsNumbersPerNamespace(deps.kernelRelease);
  const script = deps.uid === 0 ? trialScript(hostProc ? procDescriptor(false, false) : undefined) : "exit 0";
  try {
    const launched = await launchContained(
      {
        bwrap: programs.bwrap,
        entering: [],
        filterDescriptor,
        containment: { mounts, environment: {}, cwd: "/", network: "off", keepSession: false, features },
        argv: [...limitCommand(sh, DEFAULT_LIMITS), sh, "-c", script, sh],
        standard: { kind: "pipes", stdin: "ignore" },
        script: false,
        hostProc,
      },
      deps,
    );
    if (launched.kind !== "running") {
      const printed = launched.kind === "failed" ? launched.message : "the file system changed";
      return { ok: false, printed };
    }
    closeSync(launched.statusDescriptor);
    const { child } = launched;
    let printed = "";
    const keep = (chunk: Buffer): void => {
      printed = (printed + chunk.toString("latin1")).slice(-4000);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    const timer = setTimeout(() => child.kill("SIGKILL"), TRIAL_TIMEOUT_MS);
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    clearTimeout(timer);
    return { ok: code === 0, printed: code === 0 ? printed : printed || `it ended with status ${code}` };
  } finally {
    closeSync(filterDescriptor);
  }
}

async function readFeatures(bwrap: string): Promise<BubblewrapFeatures | undefined> {
  const ask = (argument: string): Promise<string> =>
    new Promise((resolve) => {
      execFile(bwrap, [argument], { env: {}, timeout: TRIAL_TIMEOUT_MS }, (_error, stdout, stderr) => {
        resolve(stdout + stderr);
      });
    });
  const [version, help] = await Promise.all([ask("--version"), ask("--help")]);
  return parseFeatures(version, help);
}

function cacheKey(bwrap: string, freshProc: boolean, deps: SandboxDeps): string {
  const { mtimeMs, size } = statSync(bwrap);
  const place = deps.uid === 0 ? processGroupPath() : "";
  return JSON.stringify([
    CACHE_FORMAT,
    ...[bwrap, mtimeMs, size],
    ...[deps.kernelRelease, deps.uid, freshProc, place],
  ]);
}

function cacheFile(deps: SandboxDeps): string {
  return join(deps.runtimeDir, "probe.json");
}

type Remembered = Pick<Extract<BubblewrapProbe, { ok: true }>, "features" | "processLimit">;

const PROCESS_LIMITS: readonly ProcessLimit[] = ["user", "group", "namespace", "none"];

function recall(key: string, deps: SandboxDeps): Remembered | undefined {
  try {
    const saved: unknown = JSON.parse(readFileSync(cacheFile(deps), "utf8"));
    if (typeof saved !== "object" || saved === null) return undefined;
    const {
      key: savedKey,
      features,
      processLimit: savedLimit,
    } = saved as { key?: unknown; features?: Partial<BubblewrapFeatures>; processLimit?: unknown };
    if (savedKey !== key || typeof features?.version !== "string") return undefined;
    const processLimit = PROCESS_LIMITS.find((limit) => limit === savedLimit);
    if (processLimit === undefined) return undefined;
    return {
      features: {
        version: features.version,
        bindDescriptor: features.bindDescriptor === true,
        disableUserNamespaces: features.disableUserNamespaces === true,
      },
      processLimit,
    };
  } catch {
    // Never written, or damaged: try again and write it anew.
    return undefined;
  }
}

/** Only successes are kept: the user is about to repair a failure. */
function remember(key: string, found: Remembered, deps: SandboxDeps): void {
  const temporary = `${cacheFile(deps)}.${deps.uniqueName()}`;
  writeFileSync(temporary, JSON.stringify({ key, ...found }), { mode: 0o600 });
  renameSync(temporary, cacheFile(deps));
}

function unsupportedMachine(arch: string): BubblewrapProbe {
  return {
    ok: false,
    reason: {
      code: "platform-unsupported",
      cause: `there is no system call filter for ${arch} machines`,
      remedy: 'use an x86-64 or arm64 machine, or a container with sandbox mode "external-sandbox"',
    },
  };
}

function missingPrograms(): BubblewrapProbe {
  return {
    ok: false,
    reason: {
      code: "programs-missing",
      cause: "no shell (sh) was found outside the writable folders",
      remedy: "put a POSIX shell at /bin/sh",
    },
  };
}

function tooOld(version: string | undefined): BubblewrapProbe {
  return {
    ok: false,
    reason: {
      code: "bubblewrap-too-old",
      cause: `bubblewrap ${version ?? "of an unknown version"} is installed, ${OLDEST_VERSION.join(".")} or newer is needed`,
      remedy: "update the package bubblewrap, or build a current release",
    },
  };
}
