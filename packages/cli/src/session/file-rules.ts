import fs from "node:fs";
import path from "node:path";
import type { FileEntry, FilePermissionsConfig, QuireConfig } from "@quire/config";
import { CodedError } from "@quire/protocol";
import type { FileRules } from "@quire/sandbox";
import type { WorkspaceFolders } from "./workspace.ts";

/** What the permission profile says of files in this place; undefined where it says nothing. */
export function fileRules(place: WorkspaceFolders, config: QuireConfig): FileRules | undefined {
  const permissions = config.filePermissions;
  if (permissions === null) return undefined;
  const roots = rootsOf(place, permissions);
  const files: FileRules = {
    source: `permission profile "${permissions.profile}"`,
    entries: [
      ...(permissions.inForce ? [] : written(place)),
      ...permissions.entries.flatMap((entry) => entriesOf(entry, roots)),
    ],
    patterns: permissions.entries.flatMap((entry) => patternsOf(entry, roots)),
    ...(permissions.globScanMaxDepth === null ? {} : { patternDepth: permissions.globScanMaxDepth }),
    otherwise: permissions.otherwise,
    system: permissions.entries.some(
      ({ place: { kind }, access }) => kind === "minimal" && access === "read",
    ),
  };
  return permissions.otherwise === "deny" ? withPrograms(files, permissions) : files;
}

/** The folders that `:workspace_roots` stands for. */
function rootsOf(place: WorkspaceFolders, { workspaceRoots }: FilePermissionsConfig): string[] {
  return [place.gitRoot ?? place.cwd, ...place.extraWritableRoots, ...workspaceRoots];
}

/** Of a profile that is not in force only denials are left, beside what the sandbox mode opens. */
function written(place: WorkspaceFolders): FileRules["entries"] {
  return [place.gitRoot ?? place.cwd, ...place.extraWritableRoots].map((root) => ({
    path: root,
    access: "write",
  }));
}

function entriesOf({ place, access }: FileEntry, roots: readonly string[]): FileRules["entries"] {
  if (place.kind === "path") return [{ path: checked(place.path, access), access }];
  if (place.kind === "workspace")
    return roots.map((root) => ({ path: checked(path.join(root, place.subpath), access), access }));
  return [];
}

/** A single file cannot be made writable: programs write a new one and rename it. */
function checked(file: string, access: FileEntry["access"]): string {
  if (access !== "write" || fs.statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return file;
  throw new CodedError(
    "config_invalid",
    `the permission profile gives "write" to ${file}, which is a file and no folder`,
    {
      nextStep: "Give its folder, or ask for the change to be made by a patch outside of the sandbox.",
    },
  );
}

function patternsOf({ place }: FileEntry, roots: readonly string[]): FileRules["patterns"] {
  if (place.kind !== "glob") return [];
  return (place.folder === null ? roots : [place.folder]).map((folder) => ({
    folder,
    pattern: place.pattern,
  }));
}

/** Where nothing of the system may be read, nothing can be started. */
function withPrograms(files: FileRules, { profile }: FilePermissionsConfig): FileRules {
  const starts =
    files.system ||
    files.entries.some(
      ({ path: entry, access }) => access !== "deny" && (entry === "/usr" || entry === "/usr/bin"),
    );
  if (starts) return files;
  throw new CodedError(
    "config_invalid",
    `with the permission profile "${profile}" no program could be read, and so none be started`,
    {
      nextStep: `Add ":minimal" = "read" to [permissions.${profile}.filesystem], or let it extend ":read-only" or ":workspace".`,
    },
  );
}

/** What a profile asks for and does not get, a sentence each. */
export function unkeptGrants(
  files: FileRules | undefined,
  liesInProtected: (file: string) => boolean,
): string[] {
  return (files?.entries ?? []).flatMap(({ path: entry, access }) =>
    access === "write" && liesInProtected(entry)
      ? [
          `${entry} stays read-only whatever the ${files?.source} says: what lies there decides what other programs run.`,
        ]
      : [],
  );
}

/** What the profile comes to in this place, a line each, for people. */
export function describeFileRules(files: FileRules): string[] {
  const of = (access: FileEntry["access"]) =>
    files.entries.flatMap((entry) => (entry.access === access ? [entry.path] : []));
  const line = (what: string, places: readonly string[]) =>
    places.length === 0 ? [] : [`${what}: ${[...new Set(places)].sort().join(", ")}`];
  const patterns = files.patterns.map(({ folder, pattern }) => path.join(folder, pattern));
  const others = files.otherwise === "read" ? "everything else, except secrets" : "";
  const system = files.otherwise === "deny" && files.system ? "the system's programs and settings" : "";
  return [
    ...line("can write", of("write")),
    ...line("can read", [...of("read"), others, system].filter(Boolean)),
    ...line("cannot read", [...of("deny"), ...patterns]),
  ];
}
