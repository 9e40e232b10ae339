import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { SandboxDeps } from "./deps.ts";
import { entryAt } from "./protect/paths.ts";

/**
 * Makes the folder for what lives no longer than this boot: `deps.runtimeDir`, or one in the state folder when that
 * name was taken by someone else, as can happen below /tmp.
 */
export function makeRuntimeFolder(deps: SandboxDeps): string {
  for (const folder of [deps.runtimeDir, join(deps.stateDir, "run")]) {
    if (claim(folder, deps.uid)) return folder;
  }
  throw new Error(
    `neither ${deps.runtimeDir} nor ${deps.stateDir} can be made a folder that only we may enter`,
  );
}

function claim(folder: string, uid: number): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stats = entryAt(folder);
    if (!stats?.isDirectory() || stats.uid !== uid) return false;
    if ((stats.mode & 0o077) !== 0) chmodSync(folder, 0o700);
    return true;
  } catch {
    // A file in the way, or a folder we may not write to: the next candidate may do.
    return false;
  }
}
