import {
  configOrigin,
  type LoadedConfig,
  loadConfig,
  persistTrust,
  resolveHome,
  SYSTEM_CONFIG_FILE,
} from "@quire/config";
import { CodedError } from "@quire/protocol";
import { isFeature } from "../session/features.ts";
import { resolveWorkspace, type Workspace, workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { type Style, styleFor } from "../terminal/style.ts";
import type { ExecArguments } from "./exec-arguments.ts";

/** What a run needs beyond its arguments, found out once. */
export interface Run {
  args: ExecArguments;
  system: System;
  style: Style;
  home: string;
  loaded: LoadedConfig;
  workspace: Workspace;
}

/** Reads the configuration and resolves the directories of a run; refuses what can be refused without a thread. */
export async function prepareRun(args: ExecArguments, system: System): Promise<Run> {
  const home = await resolveHome(system.env, system.homeDir);
  const cwd = workingDirectory(system.cwd, args.cwd);
  const result = await loadConfig({
    home,
    cwd,
    env: system.env,
    systemFile: SYSTEM_CONFIG_FILE,
    overrides: args.overrides,
    profile: args.profile,
    strict: args.strictConfig,
    ignoreUserFile: args.ignoreUserConfig,
    trustProject: args.trust ? true : null,
    flags: {
      ...(args.model === null ? {} : { model: args.model }),
      ...(args.sandbox === null ? {} : { sandbox_mode: args.sandbox }),
    },
  });
  if (!result.ok) {
    const { code, message, next_step: nextStep, details } = result.error;
    throw new CodedError(code, message, {
      ...(nextStep === undefined ? {} : { nextStep }),
      ...(details === undefined ? {} : { details }),
    });
  }
  warnOfUnknownFeatures(args, system);
  if (args.trust) {
    await persistTrust({ home, cwd, rootMarkers: result.config.projectRootMarkers, level: "trusted" });
  }
  const modeLayer = configOrigin(result, "sandbox_mode")?.layer ?? "default";
  const workspace = resolveWorkspace({
    base: system.cwd,
    cd: args.cwd,
    addDirs: args.addDirs,
    skipGitRepoCheck: args.skipGitRepoCheck,
    config: result.config,
    modeIsChosen: modeLayer !== "default",
  });
  return { args, system, style: styleFor(system, args.color), home, loaded: result, workspace };
}

/** A flag made for another version, or for Codex, must not end a run; that it does nothing must be said. */
function warnOfUnknownFeatures(args: ExecArguments, system: System): void {
  for (const name of [...args.enable, ...args.disable]) {
    if (isFeature(name)) continue;
    system.stderr.write(
      `! there is no feature ${JSON.stringify(name)} here; it is passed over [feature_unknown]\n`,
    );
  }
  if (args.approveForMe) {
    system.stderr.write(
      "! there is no automatic reviewer here; what would be asked is refused [approve_for_me]\n",
    );
  }
}
