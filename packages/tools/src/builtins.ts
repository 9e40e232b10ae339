import { createApplyPatchTool, interceptPatchCommand } from "./apply-patch.ts";
import type { CommandSessions } from "./command-sessions/command-sessions.ts";
import { createExecCommandTool } from "./exec-command.ts";
import type { PatchRules } from "./patch-call.ts";
import type { Tool } from "./tool.ts";
import { createUpdatePlanTool } from "./update-plan.ts";
import { createViewImageTool } from "./view-image.ts";
import { createWriteStdinTool } from "./write-stdin.ts";

export interface BuiltinToolsDeps {
  /** Of the thread that the tools are for. */
  sessions: CommandSessions;
  patches: PatchRules;
  /** Whether a file may be shown to the model; asked with a path free of links. */
  mayRead: (realPath: string) => boolean;
  /** Why the model of the turn cannot be shown images; null when it can. */
  whyNoImages: () => string | null;
}

/** What the tools that a thread can have are called; `repo_map` is only made where it is switched on. */
export const BUILTIN_TOOL_NAMES: readonly string[] = [
  "apply_patch",
  "exec_command",
  "repo_map",
  "update_plan",
  "view_image",
  "write_stdin",
];

/** The tools every thread has, sorted by name so that requests stay the same from run to run. */
export function createBuiltinTools(deps: BuiltinToolsDeps): readonly Tool[] {
  return [
    createApplyPatchTool(deps.patches),
    createExecCommandTool({ sessions: deps.sessions, interceptPatch: interceptPatchCommand(deps.patches) }),
    createUpdatePlanTool(),
    createViewImageTool(deps),
    createWriteStdinTool({ sessions: deps.sessions }),
  ];
}
