import type { FolderHooks } from "@quire/app-server";
import { eachFolder } from "../engine/each-folder.ts";
import type { EngineBase } from "../engine/thread-config.ts";
import { pluginHookFiles } from "../skills/extensions.ts";
import { findSessionHooks } from "./session-hooks.ts";

/** The hooks that would hold for a thread in each of the folders; in the process's own without any. */
export function listHooks(base: EngineBase, cwds: readonly string[]): Promise<FolderHooks[]> {
  const { home } = base;
  return eachFolder(base, cwds, "hooks", async ({ word, cwd, project }) => {
    const pluginFiles = pluginHookFiles(home);
    const { hooks, warnings } = await findSessionHooks({ home, cwd, project, pluginFiles });
    return { cwd: word, hooks, warnings: warnings.map(({ message }) => message) };
  });
}
