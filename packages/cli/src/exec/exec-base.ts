import type { ThreadOverrides } from "@quire/app-server";
import type { EngineBase } from "../engine/thread-config.ts";
import type { System } from "../system.ts";
import type { ExecArguments } from "./exec-arguments.ts";
import { existingDirs } from "./sdk-lines.ts";

/** The engine of a run: nobody is there to be asked, and the command line holds for it as a whole. */
export function engineBase(args: ExecArguments, system: System, home: string): EngineBase {
  const { overrides, profile, strictConfig, ignoreUserConfig, ignoreRules, trust, addDirs } = args;
  return {
    system,
    home,
    overrides,
    profile,
    strictConfig,
    ignoreUserConfig,
    ignoreRules,
    trust,
    addDirs: args.forSdk ? existingDirs(addDirs, system) : addDirs,
    attended: false,
    anyFolder: args.skipGitRepoCheck,
    source: "exec",
  };
}

/** What the command line says about the thread. */
export function threadOverrides(args: ExecArguments): ThreadOverrides {
  const sandbox = args.action.kind === "review" ? "read-only" : args.sandbox;
  return {
    approvalPolicy: "never",
    ...(args.model === null ? {} : { model: args.model }),
    ...(sandbox === null ? {} : { sandbox }),
  };
}
