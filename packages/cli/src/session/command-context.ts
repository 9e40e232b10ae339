import fs from "node:fs";
import path from "node:path";
import type { CommandContext, ResolvedProgram } from "@quire/execpolicy";
import { isWithin } from "@quire/protocol";
import type { System } from "../system.ts";
import type { WorkspaceFolders } from "./workspace.ts";

/** What the classifier may know of this machine. */
export function commandContext(
  system: System,
  workspace: WorkspaceFolders,
): Omit<CommandContext, "cwd" | "rules"> {
  const roots = [workspace.gitRoot ?? workspace.cwd, ...workspace.extraWritableRoots];
  return {
    home: system.homeDir,
    workspaceRoots: roots,
    resolveProgram: (name) => resolveProgram(name, system.env.PATH ?? "", roots),
    isOutsideWorkspace: (file) => !roots.some((root) => isWithin(realPathOf(file), root)),
  };
}

function resolveProgram(name: string, searchPath: string, roots: readonly string[]): ResolvedProgram {
  const candidates = path.isAbsolute(name)
    ? [name]
    : searchPath
        .split(path.delimiter)
        .filter((folder) => path.isAbsolute(folder))
        .map((folder) => path.join(folder, name));
  for (const candidate of candidates) {
    if (!isExecutable(candidate)) continue;
    const real = realPathOf(candidate);
    return roots.some((root) => isWithin(real, root)) ? { insideWritableRoot: true } : real;
  }
  return null;
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    // Not there, or not ours to run: the next folder of PATH is looked at.
    return false;
  }
}

/** The path with links followed as far as it exists. */
export function realPathOf(file: string): string {
  let existing = path.resolve(file);
  const rest: string[] = [];
  for (;;) {
    try {
      return path.join(fs.realpathSync(existing), ...rest);
    } catch {
      // Not there (yet): its parent decides where it would be.
      if (path.dirname(existing) === existing) return path.resolve(file);
      rest.unshift(path.basename(existing));
      existing = path.dirname(existing);
    }
  }
}
