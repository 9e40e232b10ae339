import type { System } from "./system.ts";

/** Runs a command with the arguments behind its name; resolves to the exit code. */
export type RunCommand = (argv: readonly string[], system: System) => Promise<number>;

export interface Command {
  name: string;
  aliases: readonly string[];
  summary: string;
  /** Loads the command's code; nothing of it is read before. */
  load: () => Promise<RunCommand>;
}

export const COMMANDS: readonly Command[] = [
  {
    name: "exec",
    aliases: ["e"],
    summary: "Give a task, get a verified change; also: exec resume, exec fork",
    load: async () => (await import("./commands/exec.ts")).runExec,
  },
  {
    name: "sandbox",
    aliases: [],
    summary: "Run a command as the agent's commands run",
    load: async () => (await import("./commands/sandbox.ts")).runSandbox,
  },
  {
    name: "doctor",
    aliases: [],
    summary: "Check what Quire needs on this machine",
    load: async () => (await import("./commands/doctor.ts")).runDoctor,
  },
  {
    name: "execpolicy",
    aliases: ["policy"],
    summary: "Look at how commands are judged; check, classify, explain",
    load: async () => (await import("./commands/execpolicy.ts")).runExecpolicy,
  },
  {
    name: "apply-patch",
    aliases: ["apply_patch"],
    summary: "Apply a patch in the apply_patch format (argument or stdin)",
    load: async () => (await import("./commands/apply-patch.ts")).runApplyPatch,
  },
];

export function findCommand(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name || command.aliases.includes(name));
}
