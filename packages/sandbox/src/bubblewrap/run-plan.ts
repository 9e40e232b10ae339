import { basename } from "node:path";
import { isWithin } from "@quire/protocol";
import type { SandboxNotice } from "../command.ts";
import type { SandboxDeps } from "../deps.ts";
import { commandEnvironment } from "../environment.ts";
import { PROXY_ENVIRONMENT } from "../network-proxy/proxy-environment.ts";
import { DEFAULT_PROTECTED_NAMES, type SandboxPolicy } from "../policy.ts";
import { buildView } from "../protect/build-view.ts";
import { PlacedRules } from "../protect/file-rules.ts";
import { canonicalPath, entryAt, outermost } from "../protect/paths.ts";
import { inspectAfterRun } from "../protect/quarantine.ts";
import { type ScanResult, WorkspaceScan } from "../protect/workspace-scan.ts";
import type { WorkspaceView } from "../protect/workspace-view.ts";
import { type ContainmentOptions, type NetworkKind, optionList } from "./command-line.ts";
import type { BubblewrapFeatures } from "./features.ts";
import { fileTree } from "./file-tree.ts";
import type { Mount } from "./mounts.ts";
import type { TemporaryFolder } from "./temporary-folder.ts";

/** A large tree is not looked at again when that was done a moment ago. */
const LARGE_TREE_FOLDERS = 1500;
const FRESH_MS = 1000;

/** Everything decided about one sandbox before it is made. */
export interface RunPlan {
  readonly view: WorkspaceView;
  readonly containment: ContainmentOptions;
}

/**
 * Equal keys mean sandboxes that confine alike: the same rules over the very same files. Not the command's folder: a
 * sandbox that waits goes there when it is told the command.
 */
export function planKey({ containment }: RunPlan): string {
  const options = optionList({ ...containment, cwd: "" }, () => undefined);
  return [...options, ...containment.mounts.map(identity)].join("\0");
}

/** Turns one policy and what is on disk now into plans, and checks afterwards what a run left behind. */
export class RunPlanner {
  readonly #policy: SandboxPolicy;
  readonly #deps: SandboxDeps;
  readonly #roots: readonly string[];
  readonly #shown: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  readonly #network: NetworkKind;
  readonly #scan: WorkspaceScan;
  readonly #temporary: TemporaryFolder;
  readonly #rules: PlacedRules | undefined;
  /** Looks for what patterns deny. */
  readonly #denials: WorkspaceScan | undefined;
  #limitReported = false;

  constructor(
    policy: SandboxPolicy,
    deps: SandboxDeps,
    roots: readonly string[],
    temporary: TemporaryFolder,
  ) {
    this.#policy = policy;
    this.#deps = deps;
    this.#roots = roots;
    this.#temporary = temporary;
    this.#rules = policy.files && new PlacedRules(policy.files);
    this.#shown = policy.workspaceRoots
      .flatMap((root) => canonicalPath(root) ?? [])
      .filter((root) => this.#rules?.accessTo(root) !== "deny");
    this.#network = typeof policy.network === "object" ? "proxied" : policy.network;
    this.#environment = {
      ...commandEnvironment(policy.environment, deps.env),
      TMPDIR: "/tmp",
      QUIRE_SANDBOX: policy.mode,
      ...(policy.network === "off" ? { CODEX_SANDBOX_NETWORK_DISABLED: "1" } : {}),
      ...(this.#network === "proxied" ? PROXY_ENVIRONMENT : {}),
    };
    this.#scan = new WorkspaceScan({
      // With rules a workspace may be writable in parts only.
      roots: outermost(this.#rules ? [...roots, ...this.#shown] : roots.length > 0 ? roots : this.#shown),
      protectedNames: roots.length > 0 ? (policy.protectedNames ?? DEFAULT_PROTECTED_NAMES) : [],
      now: deps.now,
    });
    this.#denials = denialScan(this.#rules, policy.files?.patternDepth, deps);
  }

  /** What is in the workspace now. */
  async look(): Promise<ScanResult> {
    const [result] = await Promise.all([current(this.#scan), this.#denials && current(this.#denials)]);
    return result;
  }

  /** Why no command may run on what the last look saw. */
  get problem(): string | undefined {
    if (!this.#denials?.result.limited) return undefined;
    return `the ${this.#policy.files?.source} denies files by a pattern, and there are more folders than can be searched for them; set glob_scan_max_depth there, or begin the pattern with a narrower folder`;
  }

  plan(scan: ScanResult, cwd: string, features: BubblewrapFeatures, keepSession: boolean): RunPlan {
    const rules = this.#rules;
    const demands = rules && { rules, denied: this.#denials?.result.deniedPaths ?? [] };
    const view = buildView(this.#policy, this.#deps, this.#roots, scan, demands);
    const visible = outermost([...this.#shown, ...(rules?.accessTo(cwd) === "deny" ? [] : [cwd])]);
    const mounts = fileTree({
      view,
      visible,
      network: this.#network,
      uid: this.#deps.uid,
      temporaryFolder: this.#temporaryFolder([...visible, ...view.writable]),
      freshProc: !this.#policy.weakProc,
      rules,
    });
    const containment = {
      mounts,
      environment: this.#environment,
      cwd,
      network: this.#network,
      keepSession,
      features,
    };
    return { view, containment };
  }

  /** Puts right and reports what a run did to protected names; `before` is how it found them. */
  async inspect(view: WorkspaceView, before: ScanResult): Promise<readonly SandboxNotice[]> {
    if (this.#roots.length === 0) return [];
    try {
      const after = await this.#scan.refresh();
      const known = new Set([...before.protectedPaths, ...before.bareRepositories]);
      // At the top of a root every protected name was there or covered, so a new one is not the command's.
      const covered = new Set(view.missing);
      const appeared = [...after.protectedPaths, ...after.bareRepositories].filter(
        (path) => !known.has(path) && !covered.has(path) && basename(path) !== ".gitmodules",
      );
      const { uniqueName } = this.#deps;
      return [...inspectAfterRun({ links: view.links, appeared, uniqueName }), ...this.#limitNotice(after)];
    } catch (error) {
      const [root = ""] = this.#roots;
      const why = error instanceof Error ? error.message : String(error);
      return [
        {
          kind: "protection-lost",
          path: root,
          message: `What the command left in ${root} could not be checked: ${why}`,
        },
      ];
    }
  }

  #limitNotice(scan: ScanResult): SandboxNotice[] {
    if (!scan.limited || this.#limitReported) return [];
    this.#limitReported = true;
    const [root = ""] = this.#roots;
    return [
      {
        kind: "scan-limited",
        path: root,
        message: `${root} has more folders than can be watched; nested repositories and agent settings in the deepest ones are not protected.`,
      },
    ];
  }

  #temporaryFolder(visible: readonly string[]): string | undefined {
    const wanted = this.#policy.temporaryFiles ?? (this.#roots.length > 0 ? "session" : "command");
    // Where something below /tmp is shown, a command could replace folders on the way to it in a /tmp that lasts.
    const overlaps = visible.some((path) => isWithin(path, "/tmp"));
    return wanted === "session" && !overlaps ? this.#temporary.path : undefined;
  }
}

function current(scan: WorkspaceScan): Promise<ScanResult> {
  const recent = scan.folderCount > LARGE_TREE_FOLDERS && scan.isFresh(FRESH_MS);
  return recent ? Promise.resolve(scan.result) : scan.refresh();
}

function denialScan(
  rules: PlacedRules | undefined,
  maxDepth: number | undefined,
  { now }: SandboxDeps,
): WorkspaceScan | undefined {
  if (rules === undefined || rules.patternFolders.length === 0) return undefined;
  const denies = (path: string): boolean => rules.isNamed(path);
  const depth = maxDepth === undefined ? {} : { maxDepth };
  return new WorkspaceScan({
    roots: outermost(rules.patternFolders),
    protectedNames: [],
    denies,
    now,
    ...depth,
  });
}

/** Distinguishes a file from another that took its name since: a mount stays with the old one. */
function identity(mount: Mount): string {
  if (mount.kind === "fresh" || mount.path.startsWith("/proc") || mount.path.startsWith("/dev")) return "";
  const stats = entryAt(mount.path);
  return stats ? `${stats.dev}:${stats.ino}` : "";
}
