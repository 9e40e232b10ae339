import {
  BUILT_IN_FILES,
  type FileAccess,
  type FileEntry,
  joinFileTables,
  readFileTable,
} from "./permission-files.ts";
import type { ConfigFile } from "./schema/config-file.ts";
import { isTable, type Table } from "./table.ts";

type Profiles = NonNullable<ConfigFile["permissions"]>;
type Profile = Profiles[string];
type NetworkTable = NonNullable<Profile["network"]>;
type Word = "allow" | "deny";

interface ProfileNetwork {
  readonly enabled: boolean;
  readonly domains: Readonly<Record<string, Word>>;
}

/** What the permission profile that `default_permissions` names says of the network. */
export interface ProfileInForce {
  /** Whether commands have a network by this profile. */
  readonly isOpen: boolean;
  /** Without any, an open network is open to all hosts. */
  readonly domains: Readonly<Record<string, Word>>;
}

/** What the permission profile that `default_permissions` names says of files. */
export interface FilePermissionsConfig {
  readonly profile: string;
  /** False where somebody chose a sandbox mode: then only denials are left, and everything else may be read. */
  readonly inForce: boolean;
  readonly entries: readonly FileEntry[];
  /** What no entry is about. */
  readonly otherwise: Exclude<FileAccess, "write">;
  /** More workspace roots, absolute. */
  readonly workspaceRoots: readonly string[];
  /** How deep files are looked for that a pattern denies; null for no limit. */
  readonly globScanMaxDepth: number | null;
}

interface Problem {
  readonly path: string[];
  readonly problem: string;
}

const CLOSED: ProfileNetwork = { enabled: false, domains: {} };
const BUILT_IN: ReadonlyMap<string, ProfileNetwork> = new Map([
  [":read-only", CLOSED],
  [":workspace", CLOSED],
]);
const FULL_ACCESS = ":danger-full-access";

/**
 * The network of the chosen profile, with what it extends. As in Codex a profile counts for nothing where somebody set a
 * sandbox mode (`olderSettings`).
 */
export function profileInForce(file: ConfigFile, olderSettings: boolean): ProfileInForce {
  const { chain, problems } = chosenProfiles(file);
  const usable = problems.length > 0 ? [] : chain;
  // Nearest first: a profile decides over what it extends.
  const { enabled, domains } = usable
    .map((name) => BUILT_IN.get(name) ?? file.permissions?.[name]?.network ?? {})
    .reduceRight<ProfileNetwork>(
      (base, { enabled = base.enabled, domains }) => ({ enabled, domains: { ...base.domains, ...domains } }),
      CLOSED,
    );
  return { isOpen: enabled && !olderSettings, domains };
}

/**
 * What the chosen profile says of files, or null where it says nothing. `olderSettings`: somebody other than a project set
 * a sandbox mode. A mode that a project set narrows a profile and never takes its place.
 */
export function filePermissions(file: ConfigFile, olderSettings: boolean): FilePermissionsConfig | null {
  const { chain, problems } = chosenProfiles(file);
  const [profile] = chain;
  const table = problems.length > 0 ? {} : joinedFiles(file, chain);
  if (profile === undefined || Object.keys(table).length === 0) return null;
  const { entries, globScanMaxDepth } = readFileTable(table);
  const inForce = !olderSettings;
  const denied = entries.filter(({ place, access }) => access === "deny" && place.kind !== "root");
  const readsAll = entries.some(({ place, access }) => place.kind === "root" && access !== "deny");
  return {
    profile,
    inForce,
    entries: inForce ? entries : denied,
    otherwise: readsAll || !inForce ? "read" : "deny",
    workspaceRoots: inForce ? [...new Set(chain.flatMap((name) => enabledRoots(file, name)))] : [],
    globScanMaxDepth,
  };
}

/** The sandbox mode that a profile stands for; null where none is in force. */
export function modeOfProfile(
  file: ConfigFile,
  files: FilePermissionsConfig | null,
): "read-only" | "workspace-write" | "danger-full-access" | null {
  if (file.default_permissions === FULL_ACCESS) return "danger-full-access";
  if (files === null) return null;
  return files.entries.some(({ access }) => access === "write") ? "workspace-write" : "read-only";
}

/** What only a newer Codex knows, which opens nothing here. */
export function profileWarnings(file: ConfigFile): { key: string; message: string }[] {
  const { chain } = chosenProfiles(file);
  const [profile] = chain;
  if (profile === undefined) return [];
  return readFileTable(joinedFiles(file, chain)).unknown.map((place) => ({
    key: `permissions.${profile}.filesystem`,
    message: `The permission profile ${profile} names ${place}, a place that is not known here; it opens nothing.`,
  }));
}

function joinedFiles(file: ConfigFile, chain: readonly string[]): Table {
  return chain
    .map((name) => BUILT_IN_FILES.get(name) ?? tableOf(file.permissions?.[name]?.filesystem))
    .reduceRight<Table>(joinFileTables, {});
}

function enabledRoots(file: ConfigFile, name: string): string[] {
  const roots = Object.entries(tableOf(file.permissions?.[name]?.workspace_roots));
  return roots.flatMap(([path, enabled]) => (enabled === true ? [path] : []));
}

function tableOf(value: unknown): Table {
  return isTable(value) ? value : {};
}

/** What the schema cannot express, and what would open more here than it does in Codex. */
export function profileProblems(file: ConfigFile): Problem[] {
  const { chain, problems } = chosenProfiles(file);
  return [
    ...problems,
    ...chain.flatMap((name) => fileProblems(file, name)),
    ...chain.flatMap((name) =>
      unkept(file.permissions?.[name]?.network).map(([key, problem]) => ({
        path: ["permissions", name, "network", key],
        problem,
      })),
    ),
  ];
}

function fileProblems(file: ConfigFile, name: string): Problem[] {
  const entries = readFileTable(tableOf(file.permissions?.[name]?.filesystem)).problems;
  const roots = Object.entries(tableOf(file.permissions?.[name]?.workspace_roots));
  return [
    ...entries.map(({ keys, problem }) => ({ path: ["permissions", name, "filesystem", ...keys], problem })),
    ...roots.flatMap(([path, enabled]) => {
      const key = ["permissions", name, "workspace_roots", path];
      if (typeof enabled !== "boolean") return [{ path: key, problem: "must be true or false" }];
      return path.startsWith("/")
        ? []
        : [{ path: key, problem: 'must be an absolute path, or start with "~/"' }];
    }),
  ];
}

function unkept(network: NetworkTable | undefined): [key: string, problem: string][] {
  const found: [string, string][] = [];
  if (network?.mode === "limited") {
    found.push(["mode", "cannot be kept here, where methods are not looked at; remove it, or the network"]);
  }
  if (network?.mitm !== undefined && network.mitm.enabled !== false) {
    found.push([
      "mitm",
      "cannot be kept here, where encrypted requests are not opened; remove it, or the network",
    ]);
  }
  return found;
}

/** The chosen profile and what it extends, nearest first. */
function chosenProfiles(file: ConfigFile): { chain: string[]; problems: Problem[] } {
  const chosen = file.default_permissions;
  if (chosen === undefined || chosen === FULL_ACCESS) return { chain: [], problems: [] };
  const profiles = file.permissions ?? {};
  const chain: string[] = [];
  let path = ["default_permissions"];
  for (let name: string | undefined = chosen; name !== undefined; ) {
    if (chain.includes(name)) return { chain: [], problems: [{ path, problem: "leads back to itself" }] };
    const profile: Profile | undefined = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
    if (profile === undefined && !BUILT_IN.has(name)) {
      const names = [...BUILT_IN.keys(), ...Object.keys(profiles)].join(", ");
      return { chain: [], problems: [{ path, problem: `must be one of ${names}, and is "${name}"` }] };
    }
    chain.push(name);
    path = ["permissions", name, "extends"];
    name = profile?.extends;
  }
  return { chain, problems: [] };
}
