import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { type ConfigFs, realpathOrNull } from "./config-fs.ts";
import { isTable, ownValue, type Table } from "./table.ts";
import { decodeUtf8 } from "./toml.ts";

export type TrustLevel = "trusted" | "untrusted";

/** The user's `[projects."<path>"]` entries by real path. */
export type TrustTable = ReadonlyMap<string, TrustLevel>;

interface RankedEntry {
  real: string;
  level: TrustLevel;
  /** Higher wins. */
  rank: number;
}

/**
 * Reads the `projects` table of the user's own layers. Paths are compared as real paths, so that a link to a trusted
 * folder is trusted and a trusted link that was pointed elsewhere is not. Of several entries for
 * one folder the one with its real path counts, else one that says untrusted.
 */
export async function readTrustTable(userTable: Table, fs: ConfigFs): Promise<TrustTable> {
  const projects = ownValue(userTable, "projects");
  const levels = new Map<string, TrustLevel>();
  if (!isTable(projects)) return levels;
  const entries = await Promise.all(
    Object.entries(projects).map(async ([path, entry]): Promise<RankedEntry | null> => {
      const level = isTable(entry) ? entry.trust_level : undefined;
      if (!isAbsolute(path) || (level !== "trusted" && level !== "untrusted")) return null;
      const real = (await realpathOrNull(fs, path)) ?? resolve(path);
      return { real, level, rank: real === path ? 2 : level === "untrusted" ? 1 : 0 };
    }),
  );
  for (const entry of entries.filter((each) => each !== null).sort((a, b) => a.rank - b.rank)) {
    levels.set(entry.real, entry.level);
  }
  return levels;
}

/**
 * Whether a directory is trusted: the nearest entry for it or a folder above it within its project decides, then, for
 * a linked git worktree, the entry of the main checkout. Trust never reaches into a project from a folder above its
 * root: a clone inside a trusted folder is not trusted. Null when nothing is said. All paths must be real paths.
 */
export function trustOf(
  directory: string,
  projectRoot: string | null,
  mainCheckout: string | null,
  trust: TrustTable,
): TrustLevel | null {
  const top = projectRoot ?? directory;
  for (let here = directory; ; here = dirname(here)) {
    const level = trust.get(here);
    if (level !== undefined) return level;
    if (here === top || dirname(here) === here) break;
  }
  return mainCheckout === null ? null : (trust.get(mainCheckout) ?? null);
}

/**
 * The main checkout of a linked git worktree, null when `projectRoot` is none. The `.git` file of an unpacked archive
 * can claim anything, so the main repository has to name this worktree as well.
 */
export async function mainCheckoutOf(projectRoot: string, fs: ConfigFs): Promise<string | null> {
  const gitFile = join(projectRoot, ".git");
  const pointer = await readShortFile(fs, gitFile);
  const target = pointer?.match(/^gitdir: (.+)\s*$/)?.[1]?.trim();
  if (target === undefined) return null;
  const gitDir = await realpathOrNull(fs, resolve(projectRoot, target));
  if (gitDir === null || basename(dirname(gitDir)) !== "worktrees") return null;
  const backLink = (await readShortFile(fs, join(gitDir, "gitdir")))?.trim();
  if (
    !backLink ||
    (await realpathOrNull(fs, resolve(gitDir, backLink))) !== (await realpathOrNull(fs, gitFile))
  ) {
    return null;
  }
  const commonDir = dirname(dirname(gitDir));
  return basename(commonDir) === ".git" ? dirname(commonDir) : null;
}

const SHORT_FILE = 4096;

async function readShortFile(fs: ConfigFs, path: string): Promise<string | null> {
  try {
    const facts = await fs.stat(path);
    if (!facts?.isFile() || facts.size > SHORT_FILE) return null;
    return decodeUtf8(await fs.readFile(path));
  } catch {
    // Absent or unreadable: then it proves nothing.
    return null;
  }
}
