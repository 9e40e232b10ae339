import type { FolderHooks } from "@quire/app-server";
import { CodedError } from "@quire/protocol";
import { type EngineBase, readConfig } from "../engine/thread-config.ts";
import { workingDirectory } from "../session/workspace.ts";
import { pluginHookFiles } from "../skills/extensions.ts";
import { findSessionHooks } from "./session-hooks.ts";

const MOST_FOLDERS = 20;

/** The hooks that would hold for a thread in each of the folders; in the process's own without any. */
export async function listHooks(base: EngineBase, cwds: readonly string[]): Promise<FolderHooks[]> {
  const { system, home } = base;
  if (cwds.length > MOST_FOLDERS) {
    throw new CodedError("usage_invalid", `hooks are listed for at most ${MOST_FOLDERS} folders at once`);
  }
  const found: FolderHooks[] = [];
  for (const word of cwds.length > 0 ? cwds : [system.cwd]) {
    const cwd = workingDirectory(system.cwd, word);
    const { project } = await readConfig(base, cwd, []);
    const pluginFiles = pluginHookFiles(home);
    const { hooks, warnings } = await findSessionHooks({ home, cwd, project, pluginFiles });
    found.push({ cwd: word, hooks, warnings: warnings.map(({ message }) => message) });
  }
  return found;
}
