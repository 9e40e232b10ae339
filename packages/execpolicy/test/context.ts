import { assumeSystemPrograms, type CommandContext } from "../src/index.ts";

/** A made-up machine: nothing of it exists on disk. */
export const CONTEXT: CommandContext = {
  cwd: "/ws/project",
  home: "/home/dev",
  workspaceRoots: ["/ws/project"],
  gitHardening: true,
  resolveProgram: assumeSystemPrograms,
};
