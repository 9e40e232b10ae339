import type { ProjectFacts } from "@quire/config";
import { CodedError } from "@quire/protocol";
import { workingDirectory } from "../session/workspace.ts";
import { type EngineBase, readConfig } from "./thread-config.ts";

const MOST_FOLDERS = 20;

/** A folder that a client asked about. */
export interface AskedFolder {
  /** As it was named. */
  readonly word: string;
  /** Real path. */
  readonly cwd: string;
  readonly project: ProjectFacts;
}

/**
 * Looks at one folder after the other; at the process's own without any. Fails with `usage_invalid` for too many, naming
 * `what` is listed.
 */
export async function eachFolder<T>(
  base: EngineBase,
  cwds: readonly string[],
  what: string,
  look: (folder: AskedFolder) => Promise<T>,
): Promise<T[]> {
  const { system } = base;
  if (cwds.length > MOST_FOLDERS) {
    throw new CodedError("usage_invalid", `${what} are listed for at most ${MOST_FOLDERS} folders at once`);
  }
  const found: T[] = [];
  for (const word of cwds.length > 0 ? cwds : [system.cwd]) {
    const cwd = workingDirectory(system.cwd, word);
    const { project } = await readConfig(base, cwd, []);
    found.push(await look({ word, cwd, project }));
  }
  return found;
}
