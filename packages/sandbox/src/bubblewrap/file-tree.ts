import { readdirSync, readlinkSync } from "node:fs";
import { isWithin } from "@quire/protocol";
import { type PlacedRules, SYSTEM_FOLDERS } from "../protect/file-rules.ts";
import { canonicalPath, entryAt, outermost } from "../protect/paths.ts";
import type { WorkspaceView } from "../protect/workspace-view.ts";
import type { NetworkKind } from "./command-line.ts";
import type { Mount } from "./mounts.ts";

export interface FileTreeOptions {
  readonly view: WorkspaceView;
  /** Folders that must be visible even if they lie where the private temporary folders are. */
  readonly visible: readonly string[];
  readonly network: NetworkKind;
  readonly uid: number;
  /** Host folder shown as /tmp, or undefined for one that vanishes with the command. */
  readonly temporaryFolder: string | undefined;
  readonly freshProc: boolean;
  /** Where they do not let everything be read, the tree holds only what they do. */
  readonly rules?: PlacedRules | undefined;
}

/** Replaced by fresh, empty folders, so that commands neither see nor leave anything there. */
const PRIVATE_FOLDERS = ["/tmp", "/var/tmp", "/dev", "/run", "/sys"] as const;

/**
 * Kernel switches that ask for no capability, only for uid 0, which a command of root's still is. Bubblewrap covers
 * others of a fresh /proc by itself (sysrq-trigger, irq, bus), and each cover costs: it reads the list of all mounts.
 * Everything else in /proc that matters checks a capability, and commands have none.
 */
const PROC_OF_ROOT = ["/proc/fs", "/proc/acpi"];

/** Made for each sandbox, whatever is asked for. */
const OWN = ["/dev", "/proc"] as const;

/** Of the private folders, where a place that a rule names is shown. */
const SHOWN_ON_DEMAND = ["/tmp", "/var/tmp", "/run", "/sys"] as const;

/** Small, harmless parts of the folders replaced above that common programs read. */
const SHOWN_AGAIN = ["/sys/devices/system/cpu", "/run/current-system", "/run/booted-system"];

/** The whole tree as mount steps, in the only order that keeps every protection on top of what it protects. */
export function fileTree(options: FileTreeOptions): Mount[] {
  const whole = readsEverything(options);
  return [
    ...systemTree(options),
    ...readableTree(options),
    ...workspaceTree(options),
    ...hiddenTree(options),
    ...(whole ? [] : [{ kind: "sealed", path: "/" } as const]),
  ];
}

function readsEverything({ rules }: FileTreeOptions): boolean {
  return rules?.readsEverything ?? true;
}

function systemTree(options: FileTreeOptions): Mount[] {
  const mounts: Mount[] = [
    ...(readsEverything(options)
      ? [{ kind: "bind-as", source: "/", path: "/", access: "read-only" } as const]
      : []),
    { kind: "fresh", what: "dev", path: "/dev" },
  ];
  if (options.freshProc) mounts.push({ kind: "fresh", what: "proc", path: "/proc" });
  if (entryAt("/proc/sys")) mounts.push(readOnly("/proc/sys"));
  for (const path of options.uid === 0 ? PROC_OF_ROOT : []) if (!isEmpty(path)) mounts.push(readOnly(path));
  const temporary = options.temporaryFolder;
  mounts.push(
    { kind: "empty-folder", path: "/run", mode: "0755" },
    { kind: "empty-folder", path: "/sys", mode: "0755" },
    temporary === undefined
      ? { kind: "empty-folder", path: "/tmp", mode: "1777" }
      : { kind: "bind-as", source: temporary, path: "/tmp", access: "writable" },
  );
  // On some systems /var/tmp is a link to /tmp; mounting on it would cover what was just made.
  if (entryAt("/var/tmp")?.isDirectory())
    mounts.push({ kind: "empty-folder", path: "/var/tmp", mode: "1777" });
  for (const path of SHOWN_AGAIN) if (entryAt(path)) mounts.push(readOnly(path));
  if (options.network === "on") mounts.push(...resolverTree());
  return mounts;
}

/** The file behind /etc/resolv.conf often lies in /run. */
function resolverTree(): Mount[] {
  const target = canonicalPath("/etc/resolv.conf");
  return target !== undefined && isWithin(target, "/run") ? [readOnly(target)] : [];
}

/**
 * What rules let be read where it would not be there: everything they name, or what lies in the folders that commands have
 * of their own. What they deny inside is hidden later.
 */
function readableTree(options: FileTreeOptions): Mount[] {
  const { rules } = options;
  if (rules === undefined) return [];
  const whole = readsEverything(options);
  const isThere = (path: string): boolean =>
    whole
      ? !SHOWN_ON_DEMAND.some((folder) => path !== folder && isWithin(path, folder))
      : PRIVATE_FOLDERS.some((folder) => path === folder) || OWN.some((folder) => isWithin(path, folder));
  const named = [...rules.entries].flatMap(([path, access]) =>
    access !== "deny" && path !== "/" && !isThere(path) && entryAt(path) ? [path] : [],
  );
  const links = whole ? [] : SYSTEM_FOLDERS.filter((path) => entryAt(path)?.isSymbolicLink());
  return [
    ...links.flatMap((path): Mount[] =>
      rules.accessTo(canonicalPath(path) ?? path) === "deny"
        ? []
        : [{ kind: "link", path, target: readlinkSync(path) }],
    ),
    ...outermost(named).map(readOnly),
  ];
}

function workspaceTree({ view, visible }: FileTreeOptions): Mount[] {
  const covered = (path: string): boolean => PRIVATE_FOLDERS.some((folder) => isWithin(path, folder));
  const shown = visible.filter(
    (path) => covered(path) && !view.writable.some((root) => isWithin(path, root)),
  );
  const bind =
    (writable: boolean) =>
    (path: string): Mount => ({ kind: "bind", path, writable });
  // Outer folders first: one that is writable may lie in one that is not, and the other way round.
  const layers = [
    ...view.writable.map(bind(true)),
    ...view.pinned.map(bind(true)),
    ...view.readOnly.map(bind(false)),
  ];
  return [
    ...shown.map((path): Mount => ({ kind: "bind", path, writable: false })),
    ...layers.sort((one, other) => (one.path < other.path ? -1 : 1)),
    ...view.missing.map((path): Mount => ({ kind: "empty-folder", path, mode: "0555" })),
  ];
}

/** Last, so that nothing mounted later shows a secret again. */
function hiddenTree(options: FileTreeOptions): Mount[] {
  const { view, visible, rules } = options;
  const named = [...(rules?.entries ?? [])].flatMap(([path, access]) => (access === "deny" ? [] : [path]));
  const outOfSight = (path: string): boolean =>
    (!readsEverything(options) || PRIVATE_FOLDERS.some((folder) => isWithin(path, folder))) &&
    ![...visible, ...view.writable, ...named].some((folder) => isWithin(path, folder));
  return [
    ...view.hiddenFolders
      .filter((path) => !outOfSight(path))
      .map((path): Mount => ({ kind: "empty-folder", path, mode: "0000" })),
    ...view.hiddenFiles
      .filter((path) => !outOfSight(path))
      .map((path): Mount => ({ kind: "bind-as", source: "/dev/null", path, access: "read-only" })),
  ];
}

/** Also when it is missing. */
function isEmpty(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch {
    // Behind something we may not look at; the mount fails where it cannot be made.
    return entryAt(path) === undefined;
  }
}

function readOnly(path: string): Mount {
  return { kind: "bind-as", source: path, path, access: "read-only" };
}
