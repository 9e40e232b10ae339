import type { Workspace } from "../session/workspace.ts";
import type { System } from "../system.ts";
import type { RepositorySize } from "./route-task.ts";

/** A list of names that is longer is not read to its end. */
const MAX_LIST_BYTES = 8 * 1024 * 1024;
/** So many files at least are in a longer one: names have fewer than 256 bytes in the mean. */
const FILES_IN_LIST = MAX_LIST_BYTES / 256;
const TIME_LIMIT_MS = 3_000;

/** Counts what `git ls-files` lists, once. */
export function repositorySize(
  workspace: Pick<Workspace, "gitRoot" | "cwd">,
  system: System,
  home: string,
): () => Promise<RepositorySize> {
  let counted: Promise<RepositorySize> | null = null;
  return () => {
    counted ??= countFiles(workspace, system, home);
    return counted;
  };
}

async function countFiles(
  workspace: Pick<Workspace, "gitRoot" | "cwd">,
  system: System,
  home: string,
): Promise<RepositorySize> {
  if (workspace.gitRoot === null) return { kind: "unknown", why: "there is no git repository" };
  const { openRepository } = await import("../review/open-repository.ts");
  try {
    const git = await openRepository(workspace, system, home);
    try {
      const listed = await git.listFiles({ maxOutputBytes: MAX_LIST_BYTES, timeoutMs: TIME_LIMIT_MS });
      if (listed.kind === "ok") return { kind: "counted", files: listed.value.length };
      if (listed.code === "output-too-large") return { kind: "atLeast", files: FILES_IN_LIST };
      return { kind: "unknown", why: listed.message };
    } finally {
      git.close();
    }
  } catch (thrown) {
    return { kind: "unknown", why: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
