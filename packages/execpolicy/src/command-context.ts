import type { RulesPolicy } from "./rules/policy.ts";

/** Where a program name leads on the host: an absolute path, nowhere, or into a folder the agent can write. */
export type ResolvedProgram = string | null | { insideWritableRoot: true };

/**
 * What the classifier may know about the machine. It does no I/O of its own; every fact comes from here.
 * Paths handed to the hooks are absolute but may contain `..`, so that a hook can follow symbolic links.
 */
export interface CommandContext {
  /** Absolute folder the command will start in. */
  cwd: string;
  /** Absolute home folder. Without it every `~` and `$HOME` leads to `ask`. */
  home?: string;
  /** Absolute folders that count as "inside". Empty means: only `cwd`. */
  workspaceRoots: readonly string[];
  /** Looks a bare or absolute program name up in the PATH the command will really get. */
  resolveProgram(name: string): ResolvedProgram;
  /** True for a path that must not be read (secrets). Adds to the built-in list of well-known secret files. */
  isReadDenied?(path: string): boolean;
  /** Replaces the default, which compares path segments with `workspaceRoots` without touching the disk. */
  isOutsideWorkspace?(path: string): boolean;
  /**
   * True when the runner neutralises repository configuration (fsmonitor, hooks, external diff, textconv, pager,
   * filters, signature programs, also inside submodules). Without it every git command asks.
   */
  gitHardening?: boolean;
  /** Rules the user saved. */
  rules?: RulesPolicy;
}

/** A precaution the runner must take for a `safe` verdict to hold. */
export type Requirement = "git-hardening";
