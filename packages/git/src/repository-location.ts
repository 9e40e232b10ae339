import { lstatSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Where the parts of a checkout lie. All absolute. */
export interface RepositoryLocation {
  /** The folder of the checkout, without symbolic links. */
  readonly root: string;
  /** HEAD, the index and what else belongs to this checkout alone. */
  readonly gitDir: string;
  /** Objects, branches and configuration; equals `gitDir` unless the checkout is a linked worktree. */
  readonly commonDir: string;
  /**
   * Whether the repository names this checkout as its own. A `.git` file can point at any repository of the user, so
   * without this nothing may be written.
   */
  readonly mutual: boolean;
}

const LARGEST_POINTER_BYTES = 8192;

/** Finds the repository of the checkout at `root` by its `.git`; undefined when there is none. Folders above are not looked at. */
export function locateRepository(root: string): RepositoryLocation | undefined {
  const realRoot = realPath(root);
  if (realRoot === undefined) return undefined;
  const dotGit = join(realRoot, ".git");
  const stats = lstatSync(dotGit, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return inFolder(realRoot, dotGit, true);
  if (stats?.isSymbolicLink()) {
    const target = realPath(dotGit);
    if (target !== undefined && statSync(target).isDirectory()) return inFolder(realRoot, target, false);
    return undefined;
  }
  if (!stats?.isFile()) return undefined;
  const pointer = firstLine(dotGit)?.match(/^gitdir: (.+)$/)?.[1];
  const gitDir = pointer === undefined ? undefined : realPath(resolve(realRoot, pointer));
  return gitDir === undefined ? undefined : inFolder(realRoot, gitDir, namesCheckout(gitDir, dotGit));
}

function inFolder(root: string, gitDir: string, mutual: boolean): RepositoryLocation | undefined {
  const pointer = firstLine(join(gitDir, "commondir"));
  const commonDir = pointer === undefined ? gitDir : realPath(resolve(gitDir, pointer));
  if (commonDir === undefined) return undefined;
  const complete = ["objects", "refs"].every((name) =>
    statSync(join(commonDir, name), { throwIfNoEntry: false })?.isDirectory(),
  );
  const hasHead = lstatSync(join(gitDir, "HEAD"), { throwIfNoEntry: false }) !== undefined;
  // A folder that says its common part is elsewhere must be one that the other repository lists.
  const belongs = commonDir === gitDir || dirname(gitDir) === join(commonDir, "worktrees");
  return complete && hasHead ? { root, gitDir, commonDir, mutual: mutual && belongs } : undefined;
}

/** Linked worktrees are named in `gitdir`; other repositories reached by a file hold no such note. */
function namesCheckout(gitDir: string, dotGit: string): boolean {
  const back = firstLine(join(gitDir, "gitdir"));
  return back !== undefined && realPath(resolve(gitDir, back)) === dotGit;
}

function firstLine(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.isFile() || stats.size > LARGEST_POINTER_BYTES) return undefined;
  return readFileSync(file, "utf8").split("\n", 1)[0]?.trimEnd();
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    // Absent, or not ours to look at.
    return undefined;
  }
}
