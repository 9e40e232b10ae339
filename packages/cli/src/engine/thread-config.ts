import path from "node:path";
import type { ThreadOverrides, TurnOverrides } from "@quire/app-server";
import { configOrigin, type LoadedConfig, loadConfig } from "@quire/config";
import { CodedError } from "@quire/protocol";
import { resolveWorkspace, type Workspace, workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { flagsOf } from "./overrides.ts";

/** What holds for every thread of a server. */
export interface EngineBase {
  system: System;
  home: string;
  /** `-c key=value` of the server's own command line. */
  overrides: readonly string[];
}

export interface ThreadConfig {
  loaded: LoadedConfig;
  workspace: Workspace;
}

/** The configuration of a folder. Fails with the code of what is wrong with it. */
export async function readConfig(
  base: EngineBase,
  cwd: string,
  sets: readonly (ThreadOverrides & TurnOverrides)[],
): Promise<LoadedConfig> {
  const { system, home, overrides } = base;
  const result = await loadConfig({ home, cwd, env: system.env, overrides, flags: flagsOf(sets) });
  if (result.ok) return result;
  const { code, message, next_step: nextStep, details } = result.error;
  throw new CodedError(code, message, {
    ...(nextStep === undefined ? {} : { nextStep }),
    ...(details === undefined ? {} : { details }),
  });
}

/** Configuration and folders of a thread. `cwd` is where it works unless one of the sets says otherwise. */
export async function threadConfig(
  base: EngineBase,
  cwd: string,
  sets: readonly (ThreadOverrides & TurnOverrides)[],
): Promise<ThreadConfig> {
  const wanted = sets.findLast((set) => set.cwd !== undefined)?.cwd ?? cwd;
  const folder = workingDirectory(base.system.cwd, path.resolve(base.system.cwd, wanted));
  const loaded = await readConfig(base, folder, sets);
  const modeLayer = configOrigin(loaded, "sandbox_mode")?.layer ?? "default";
  const workspace = resolveWorkspace({
    base: folder,
    cd: null,
    addDirs: [],
    // A client shows people where they are; the rule is for unattended runs.
    skipGitRepoCheck: true,
    config: loaded.config,
    modeIsChosen: modeLayer !== "default",
  });
  return { loaded, workspace };
}
