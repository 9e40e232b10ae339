import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { entryAt } from "./paths.ts";
import { isEnvironmentFile } from "./secrets.ts";

/** Folders that hold other people's packages: too large to walk before each command. */
const SKIPPED_FOLDERS = new Set(["node_modules"]);
const SLICE_MS = 6;
/** File systems stamp changes with a granularity of a few milliseconds. */
const SETTLING_MS = 30;

export interface ScanOptions {
  readonly roots: readonly string[];
  readonly protectedNames: readonly string[];
  /** Folders visited at most, nearest first. */
  readonly maxFolders?: number;
  /** Folders below a root that are visited at most on the way down; no limit by default. */
  readonly maxDepth?: number;
  /** Makes it look for these instead of names, and everywhere: packages and repositories as well. */
  readonly denies?: (path: string) => boolean;
  readonly now: () => number;
}

/** What the scan is for; each list is in the order found. */
export interface ScanResult {
  /** Entries with a protected name, at any depth. */
  readonly protectedPaths: readonly string[];
  readonly environmentFiles: readonly string[];
  /** Folders that git would take for a repository although they are not called `.git`. */
  readonly bareRepositories: readonly string[];
  /** What `denies` said yes to. Nothing is looked for below. */
  readonly deniedPaths: readonly string[];
  /** True when there were more folders than the limit; the deepest were not looked at. */
  readonly limited: boolean;
}

interface Folder {
  readonly changed: number;
  readonly readAt: number;
  readonly settled: boolean;
  readonly folders: readonly string[];
  readonly protectedPaths: readonly string[];
  readonly environmentFiles: readonly string[];
  readonly deniedPaths: readonly string[];
  readonly bare: boolean;
}

/**
 * Finds protected names and environment files below the writable roots. A refresh asks each known folder for its time
 * of change and lists only those that changed, in short slices, so a large tree does not hold up the event loop.
 */
export class WorkspaceScan {
  readonly #options: ScanOptions;
  readonly #names: ReadonlySet<string>;
  #known = new Map<string, Folder>();
  #result: ScanResult = {
    protectedPaths: [],
    environmentFiles: [],
    bareRepositories: [],
    deniedPaths: [],
    limited: false,
  };
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #running: Promise<ScanResult> | undefined;

  constructor(options: ScanOptions) {
    this.#options = options;
    this.#names = new Set(options.protectedNames.map((name) => name.toLowerCase()));
  }

  get result(): ScanResult {
    return this.#result;
  }

  get folderCount(): number {
    return this.#known.size;
  }

  /** Whether a refresh was completed within the last `milliseconds`. */
  isFresh(milliseconds: number): boolean {
    return this.#options.now() - this.#refreshedAt < milliseconds;
  }

  /** Looks again. One that began before this call may have passed a folder already, so it is followed by another. */
  async refresh(): Promise<ScanResult> {
    while (this.#running) await this.#running;
    this.#running = this.#walk();
    try {
      return await this.#running;
    } finally {
      this.#running = undefined;
    }
  }

  async #walk(): Promise<ScanResult> {
    const { roots, maxFolders = 20_000, maxDepth = Number.POSITIVE_INFINITY, now } = this.#options;
    const next = new Map<string, Folder>();
    const queue = [...roots];
    const depths = new Map<string, number>();
    let sliceEnd = now() + SLICE_MS;
    for (let index = 0; index < queue.length && next.size < maxFolders; index++) {
      const path = queue[index] ?? "";
      const folder = this.#look(path);
      if (folder === undefined) continue;
      next.set(path, folder);
      const depth = (depths.get(path) ?? 0) + 1;
      if (depth < maxDepth) {
        queue.push(...folder.folders);
        if (maxDepth !== Number.POSITIVE_INFINITY)
          for (const inner of folder.folders) depths.set(inner, depth);
      }
      if (index % 64 === 63 && now() > sliceEnd) {
        await new Promise((resolve) => setImmediate(resolve));
        sliceEnd = now() + SLICE_MS;
      }
    }
    this.#known = next;
    this.#refreshedAt = now();
    const folders = [...next.values()];
    this.#result = {
      protectedPaths: folders.flatMap((folder) => folder.protectedPaths),
      environmentFiles: folders.flatMap((folder) => folder.environmentFiles),
      deniedPaths: folders.flatMap((folder) => folder.deniedPaths),
      bareRepositories: [...next].filter(([, folder]) => folder.bare).map(([path]) => path),
      limited: next.size < queue.length && next.size >= maxFolders,
    };
    return this.#result;
  }

  #look(path: string): Folder | undefined {
    const stats = entryAt(path);
    if (!stats?.isDirectory()) return undefined;
    const known = this.#known.get(path);
    const time = this.#options.now();
    const unchanged = known?.changed === stats.ctimeMs;
    if (unchanged && known.settled) return known;
    const settled = unchanged && time - known.readAt > SETTLING_MS;
    const entries = list(path);
    if (entries === undefined) return undefined;
    const readAt = unchanged ? known.readAt : time;
    return { ...this.#classify(path, entries), changed: stats.ctimeMs, readAt, settled };
  }

  #classify(path: string, entries: readonly Dirent[]): Omit<Folder, "changed" | "readAt" | "settled"> {
    const folders: string[] = [];
    const protectedPaths: string[] = [];
    const environmentFiles: string[] = [];
    const { denies } = this.#options;
    if (denies) return { protectedPaths, environmentFiles, ...sortOut(path, entries, denies), bare: false };
    let repositoryParts = 0;
    for (const entry of entries) {
      const { name } = entry;
      if (name === "HEAD" || name === "objects" || name === "refs") repositoryParts++;
      if (this.#names.has(name.toLowerCase())) protectedPaths.push(join(path, name));
      else if (entry.isDirectory()) {
        if (!SKIPPED_FOLDERS.has(name)) folders.push(join(path, name));
      } else if (name.startsWith(".env") && isEnvironmentFile(name)) environmentFiles.push(join(path, name));
    }
    const bare = repositoryParts === 3;
    return { folders: bare ? [] : folders, protectedPaths, environmentFiles, deniedPaths: [], bare };
  }
}

function sortOut(
  path: string,
  entries: readonly Dirent[],
  denies: (path: string) => boolean,
): { folders: string[]; deniedPaths: string[] } {
  const folders: string[] = [];
  const deniedPaths: string[] = [];
  for (const entry of entries) {
    const inner = join(path, entry.name);
    if (denies(inner)) deniedPaths.push(inner);
    else if (entry.isDirectory()) folders.push(inner);
  }
  return { folders, deniedPaths };
}

function list(path: string): Dirent[] | undefined {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    // Unreadable for us is unreadable for the command; gone since is gone.
    return undefined;
  }
}
