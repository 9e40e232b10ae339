import { isAbsolute } from "node:path";
import { isTable, type Table } from "./table.ts";

export type FileAccess = "read" | "write" | "deny";

/** What an entry of a profile's `filesystem` is about. Paths are absolute; the workspace is known only to a thread. */
export type FilePlace =
  | { readonly kind: "root" }
  /** What programs of the system need to run. */
  | { readonly kind: "minimal" }
  | { readonly kind: "path"; readonly path: string }
  /** `subpath` is empty for each workspace root itself. */
  | { readonly kind: "workspace"; readonly subpath: string }
  /** Below `folder`, or each workspace root where that is null. Only ever denied. */
  | { readonly kind: "glob"; readonly folder: string | null; readonly pattern: string };

export interface FileEntry {
  readonly place: FilePlace;
  readonly access: FileAccess;
}

/** The `filesystem` table of a profile, with what it extends, read. */
export interface FileEntries {
  readonly entries: readonly FileEntry[];
  readonly globScanMaxDepth: number | null;
}

export interface EntryProblem {
  /** Below `filesystem`. */
  readonly keys: readonly string[];
  readonly problem: string;
}

const DEPTH = "glob_scan_max_depth";
const WORDS = '"read", "write" or "deny"';
/** Ours are private to each thread, whatever is said of the machine's. */
const OWN_TEMPORARY = new Set([":tmpdir", ":slash_tmp"]);
/** Older words of Codex for the same. */
const WORKSPACE = new Set([":workspace_roots", ":project_roots", ":cwd"]);

/** What the profiles that can be extended say of files, in the words of the file. */
export const BUILT_IN_FILES: ReadonlyMap<string, Table> = new Map<string, Table>([
  [":read-only", { ":root": "read" }],
  [":workspace", { ":root": "read", ":workspace_roots": { ".": "write" } }],
]);

/** A child's entry replaces its parent's, and tables are joined entry by entry. */
export function joinFileTables(parent: Table, child: Table): Table {
  const joined: Table = { ...parent };
  for (const [key, value] of Object.entries(child)) {
    const before = joined[key];
    joined[key] = isTable(before) && isTable(value) ? { ...before, ...value } : value;
  }
  return joined;
}

/** Reads a table. What cannot be kept is a problem and not an entry; what only a newer Codex knows is in `unknown`. */
export function readFileTable(
  table: Table,
): FileEntries & { readonly problems: readonly EntryProblem[]; readonly unknown: readonly string[] } {
  const entries: FileEntry[] = [];
  const problems: EntryProblem[] = [];
  const unknown: string[] = [];
  const add = (keys: readonly string[], subpath: string, word: unknown): void => {
    const [key = ""] = keys;
    const access = accessOf(word);
    if (access === null) {
      problems.push({ keys, problem: `must be ${WORDS}, and is ${JSON.stringify(word) ?? String(word)}` });
      return;
    }
    const place = placeOf(key, subpath, access);
    if (place === "own") return;
    if (place === "unknown") unknown.push(key);
    else if ("problem" in place) problems.push({ keys, problem: place.problem });
    else entries.push({ place, access });
  };
  for (const [key, value] of Object.entries(table)) {
    if (key === DEPTH) continue;
    if (!isTable(value)) add([key], ".", value);
    else for (const [subpath, word] of Object.entries(value)) add([key, subpath], subpath, word);
  }
  const depth = table[DEPTH];
  const isDepth = typeof depth === "number" && Number.isInteger(depth) && depth >= 1;
  if (depth !== undefined && !isDepth) {
    problems.push({ keys: [DEPTH], problem: "must be a whole number of at least 1" });
  }
  return { entries, globScanMaxDepth: isDepth ? depth : null, problems, unknown };
}

/** Codex called a denial `none` before. */
function accessOf(word: unknown): FileAccess | null {
  if (word === "none") return "deny";
  return word === "read" || word === "write" || word === "deny" ? word : null;
}

const UNKNOWN_DENIAL =
  'is a place that is not known here, so what lies there could not be hidden; name it by its path, or with ":workspace_roots"';
const NOT_A_PLACE =
  'must be an absolute path, start with "~/", or be one of ":root", ":minimal", ":workspace_roots", ":tmpdir" and ":slash_tmp"';

type Placed = FilePlace | "own" | "unknown" | { readonly problem: string };

function placeOf(key: string, subpath: string, access: FileAccess): Placed {
  const itself = subpath === ".";
  if (!itself && !isDescendant(subpath)) {
    return { problem: `must be a path below ${key}, without "." and ".."` };
  }
  if (WORKSPACE.has(key)) return below(null, itself ? "" : subpath, access);
  if (OWN_TEMPORARY.has(key)) return "own";
  if (key === ":root" || key === ":minimal") return wholePlace(key, itself, access);
  if (key.startsWith(":")) return access === "deny" ? { problem: UNKNOWN_DENIAL } : "unknown";
  if (!isAbsolute(key)) return { problem: NOT_A_PLACE };
  return below("/", `${key.slice(1).replace(/\/+$/, "")}${itself ? "" : `/${subpath}`}`, access);
}

function wholePlace(key: ":root" | ":minimal", itself: boolean, access: FileAccess): Placed {
  if (!itself) return { problem: `cannot be given below ${key}; give the path as a key of its own` };
  if (access === "write") return { problem: WHOLE_WRITE };
  return { kind: key === ":root" ? "root" : "minimal" };
}

const WHOLE_WRITE =
  'cannot be "write" here: name the folders to write to, or use sandbox_mode = "danger-full-access"';

/** `path` without a leading slash. Its part before the first wildcard is a folder. */
function below(start: "/" | null, path: string, access: FileAccess): Placed {
  const plain = access === "deny" ? path : path.replace(/\/\*\*$/, "");
  const whole = plain === "**" && access !== "deny" ? "" : plain;
  const at = whole.split("/").findIndex((segment) => /[*?[\]]/.test(segment));
  if (at === -1) {
    return start === null ? { kind: "workspace", subpath: whole } : { kind: "path", path: `/${whole}` };
  }
  if (access !== "deny") {
    return { problem: 'has wildcards, which only "deny" can have; name the path, or end it with "/**"' };
  }
  const segments = whole.split("/");
  if (start === null) return { kind: "glob", folder: null, pattern: whole };
  const folder = `/${segments.slice(0, at).join("/")}`;
  return { kind: "glob", folder, pattern: segments.slice(at).join("/") };
}

function isDescendant(subpath: string): boolean {
  return subpath.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}
