import path from "node:path";
import type { ThreadOverrides, TurnOverrides } from "@quire/app-server";
import { type LoadedConfig, loadConfig, SYSTEM_CONFIG_FILE } from "@quire/config";
import { CodedError, type ReasoningEffort } from "@quire/protocol";
import { pluginContributions } from "../plugins/contributions.ts";
import { resolveWorkspace, type Workspace, workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { flagsOf } from "./overrides.ts";

/** What holds for every thread of this process. */
export interface EngineBase {
  system: System;
  home: string;
  /** `-c key=value` of the process's own command line. */
  overrides: readonly string[];
  /** A profile's file below the home, by name. */
  profile: string | null;
  /** Unknown configuration keys are errors. */
  strictConfig: boolean;
  ignoreUserConfig: boolean;
  /** Saved rules for commands do not count. */
  ignoreRules: boolean;
  /** The projects that are worked in are trusted from now on. */
  trust: boolean;
  /** More folders that may be written to. */
  addDirs: readonly string[];
  /** Whether somebody can be asked. Where nobody is, changes need a git repository unless `anyFolder` is set. */
  attended: boolean;
  anyFolder: boolean;
  /** Who opens threads here, for their logs. */
  source: string;
}

/** A server: its threads are opened by clients that show people where they are and can ask them. */
export function serverBase(base: Pick<EngineBase, "system" | "home" | "overrides">): EngineBase {
  return {
    ...base,
    profile: null,
    strictConfig: false,
    ignoreUserConfig: false,
    ignoreRules: false,
    trust: false,
    addDirs: [],
    attended: true,
    anyFolder: true,
    source: "appServer",
  };
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
  const result = await loadConfig({
    home,
    cwd,
    env: system.env,
    systemFile: SYSTEM_CONFIG_FILE,
    overrides,
    profile: base.profile,
    strict: base.strictConfig,
    ignoreUserFile: base.ignoreUserConfig,
    trustProject: base.trust ? true : null,
    flags: flagsOf(sets),
  });
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
  const workspace = resolveWorkspace({
    base: folder,
    cd: null,
    addDirs: base.addDirs.map((directory) => path.resolve(base.system.cwd, directory)),
    skipGitRepoCheck: base.anyFolder,
    config: loaded.config,
  });
  return { loaded: withPluginServers(loaded, base.home), workspace };
}

/** Plan mode is read-only whatever the settings say; they hold again when it is over. */
export async function planningConfig(
  base: EngineBase,
  cwd: string,
  sets: readonly (ThreadOverrides & TurnOverrides)[],
  wantedEffort: ReasoningEffort | null,
): Promise<ThreadConfig> {
  const { loaded } = await threadConfig(base, cwd, sets);
  const effort = wantedEffort ?? loaded.config.planModeReasoningEffort;
  const planning: TurnOverrides = {
    sandboxPolicy: { type: "readOnly" },
    ...(effort === null ? {} : { effort }),
  };
  return threadConfig(base, cwd, [...sets, planning]);
}

/** A server of the configuration's wins over one of a plugin with its id. */
function withPluginServers(loaded: LoadedConfig, home: string): LoadedConfig {
  const { servers } = pluginContributions(home);
  if (Object.keys(servers).length === 0) return loaded;
  return { ...loaded, config: { ...loaded.config, mcpServers: { ...servers, ...loaded.config.mcpServers } } };
}
