import fs from "node:fs";
import path from "node:path";
import type { QuireConfig } from "@quire/config";
import { CodedError, type SandboxMode } from "@quire/protocol";

/** The folders a thread works in. */
export interface WorkspaceFolders {
  /** Canonical. */
  cwd: string;
  gitRoot: string | null;
  extraWritableRoots: readonly string[];
  /** Folders that commands may read although what lies around them is hidden. */
  readableFolders?: readonly string[];
}

/** Where a thread works and how far it may write. */
export interface Workspace extends WorkspaceFolders {
  sandboxMode: SandboxMode;
  /** Set when nobody chose the mode and the rule did; a sentence for the user. */
  modeNote: string | null;
}

export interface WorkspaceRequest {
  /** The process's directory. */
  base: string;
  cd: string | null;
  addDirs: readonly string[];
  skipGitRepoCheck: boolean;
  config: QuireConfig;
}

/** Resolves the directories of a run. Fails with `directory_unusable` or `not_a_repository`. */
export function resolveWorkspace(request: WorkspaceRequest): Workspace {
  const cwd = workingDirectory(request.base, request.cd);
  const gitRoot = findGitRoot(cwd);
  const { sandboxModeIsChosen: modeIsChosen } = request.config;
  const sandboxMode = modeIsChosen
    ? request.config.sandboxMode
    : gitRoot === null
      ? "read-only"
      : "workspace-write";
  const writes = sandboxMode === "workspace-write" || sandboxMode === "danger-full-access";
  if (gitRoot === null && writes && !request.skipGitRepoCheck) {
    throw new CodedError(
      "not_a_repository",
      `${cwd} is not inside a git repository, so changes there could not be told apart or taken back`,
      {
        nextStep: "Run git init there, use --sandbox read-only, or allow it with --skip-git-repo-check.",
      },
    );
  }
  return {
    cwd,
    gitRoot,
    sandboxMode,
    modeNote: modeIsChosen ? null : modeNote(sandboxMode),
    extraWritableRoots: [
      ...new Set([
        ...request.config.workspaceWrite.writableRoots,
        ...request.addDirs.map((directory) => workingDirectory(request.base, directory)),
      ]),
    ],
  };
}

function modeNote(mode: SandboxMode): string {
  return mode === "workspace-write"
    ? "sandbox workspace-write, because this is a git repository (change it with --sandbox)"
    : "sandbox read-only, because this is not a git repository (change it with --sandbox)";
}

/** The canonical form of a directory that exists and can be entered; `missing` says what to do when there is none. */
export function workingDirectory(
  base: string,
  directory: string | null,
  missing = "Give another one with -C.",
): string {
  const wanted = directory === null ? base : path.resolve(base, directory);
  try {
    const real = fs.realpathSync(wanted);
    if (!fs.statSync(real).isDirectory()) {
      throw new CodedError("directory_unusable", `${wanted} is not a directory`);
    }
    fs.accessSync(real, fs.constants.R_OK | fs.constants.X_OK);
    fs.readdirSync(real);
    return real;
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    if (reason === "ENOENT") {
      throw new CodedError("directory_unusable", `there is no directory ${wanted}`, {
        cause,
        nextStep: missing,
      });
    }
    throw new CodedError("directory_unusable", `the directory ${wanted} cannot be used (${reason})`, {
      cause,
      nextStep: "Give another one with -C, or make this one readable.",
    });
  }
}

/** The nearest folder upwards that holds a `.git` (a folder, or the file of a worktree). */
export function findGitRoot(from: string): string | null {
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (fs.existsSync(path.join(folder, ".git"))) return folder;
    if (path.dirname(folder) === folder) return null;
  }
}
