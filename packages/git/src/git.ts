import type { CommitOutcome, CommitRequest } from "./commit.ts";
import type { ChangedFile, DiffRequest, DiffSides, GitDiff } from "./diff.ts";
import type { FileListRequest, StoredFile } from "./files.ts";
import type { GitOptions } from "./git-command.ts";
import type { GitOutcome } from "./outcome.ts";
import type { CommitSummary } from "./revisions.ts";
import type { GitStatus } from "./status.ts";
import type { TreeFiles } from "./tree-files.ts";

/** One checkout, asked through the user's git. Nothing rejects; after `close` every answer is a failure. */
export interface Git {
  /** Absolute, without symbolic links. */
  readonly root: string;
  /** Configured filters (such as `lfs`) that do not run here: files under them may look changed. */
  readonly filtersOff: readonly string[];
  status(options?: GitOptions): Promise<GitOutcome<GitStatus>>;
  diff(request?: DiffRequest): Promise<GitOutcome<GitDiff>>;
  /** Tracked files that differ from `base` (HEAD unless given) in the working tree. */
  changedFiles(
    base?: string,
    request?: Omit<DiffSides, "base"> & GitOptions,
  ): Promise<GitOutcome<ChangedFile[]>>;
  untrackedFiles(request?: Omit<FileListRequest, "untracked">): Promise<GitOutcome<string[]>>;
  listFiles(request?: FileListRequest): Promise<GitOutcome<string[]>>;
  /** Tracked and untracked files, not ignored, with the blobs of those that are as they were stored. */
  treeFiles(options?: GitOptions): Promise<GitOutcome<TreeFiles>>;
  /** When the newest `commits` commits last changed a file: Unix seconds by path. */
  changeTimes(commits: number, options?: GitOptions): Promise<GitOutcome<Map<string, number>>>;
  /** `name` is `revision:path`, the path from the root. */
  show(name: string, options?: GitOptions): Promise<GitOutcome<StoredFile>>;
  resolveRef(revision: string, options?: GitOptions): Promise<GitOutcome<string>>;
  mergeBase(one: string, other: string, options?: GitOptions): Promise<GitOutcome<string | null>>;
  currentBranch(options?: GitOptions): Promise<GitOutcome<string | null>>;
  log(count: number, options?: GitOptions & { readonly from?: string }): Promise<GitOutcome<CommitSummary[]>>;
  /** Makes index and files those of HEAD; what was changed is lost. Filters do not run: their files stay as stored. */
  restoreHead(options?: GitOptions): Promise<GitOutcome<null>>;
  /** Whether a branch, tag or other reference leads to HEAD; without one its commits are lost with the checkout. */
  isHeadReferenced(options?: GitOptions): Promise<GitOutcome<boolean>>;
  commit(request: CommitRequest): Promise<CommitOutcome>;
  /** Ends nothing that is running; removes what was kept on disk. May be called twice. */
  close(): void;
}
