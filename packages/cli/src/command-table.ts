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
    name: "resume",
    aliases: [],
    summary: "Go on with a thread in the terminal interface",
    load: async () => (await import("./commands/interactive.ts")).interactiveCommand("resume", findCommand),
  },
  {
    name: "fork",
    aliases: [],
    summary: "Go on in a copy of a thread in the terminal interface",
    load: async () => (await import("./commands/interactive.ts")).interactiveCommand("fork", findCommand),
  },
  {
    name: "app-server",
    aliases: [],
    summary: "Serve editors, SDKs and other clients over JSON-RPC",
    load: async () => (await import("./commands/app-server.ts")).runAppServer,
  },
  {
    name: "memories",
    aliases: [],
    summary: "What later threads know of earlier ones: list, show, edit, forget, on, off",
    load: async () => (await import("./commands/memories.ts")).runMemories,
  },
  {
    name: "worktree",
    aliases: [],
    summary: "The checkouts that exec --worktree made: list, remove",
    load: async () => (await import("./commands/worktree.ts")).runWorktree,
  },
  {
    name: "gateway",
    aliases: [],
    summary: "Serve OpenAI's API on this machine over any configured provider",
    load: async () => (await import("./commands/gateway.ts")).runGateway,
  },
  {
    name: "review",
    aliases: [],
    summary: "Have changes looked at: uncommitted, since a branch, or a commit",
    load: async () => (await import("./commands/review.ts")).runReview,
  },
  {
    name: "apply",
    aliases: ["a"],
    summary: "Do a thread's file changes again in this tree",
    load: async () => (await import("./commands/apply.ts")).runApply,
  },
  {
    name: "archive",
    aliases: [],
    summary: "Put threads out of the way",
    load: async () => (await import("./commands/stored-threads.ts")).storedThreadsCommand("archive"),
  },
  {
    name: "unarchive",
    aliases: [],
    summary: "Bring archived threads back",
    load: async () => (await import("./commands/stored-threads.ts")).storedThreadsCommand("unarchive"),
  },
  {
    name: "delete",
    aliases: [],
    summary: "Delete threads for good",
    load: async () => (await import("./commands/stored-threads.ts")).storedThreadsCommand("delete"),
  },
  {
    name: "queue",
    aliases: [],
    summary: "Messages that wait for a thread: list, add, remove, clear, run",
    load: async () => (await import("./commands/queue.ts")).runQueue,
  },
  {
    name: "login",
    aliases: [],
    summary: "Keep an API key; also: login status",
    load: async () => (await import("./commands/login.ts")).runLogin,
  },
  {
    name: "logout",
    aliases: [],
    summary: "Forget the kept API key",
    load: async () => (await import("./commands/logout.ts")).runLogout,
  },
  {
    name: "models",
    aliases: [],
    summary: "Know the models: limits, prices, what runs here; probe one",
    load: async () => (await import("./commands/models.ts")).runModels,
  },
  {
    name: "mcp",
    aliases: [],
    summary: "Keep the list of MCP servers",
    load: async () => (await import("./commands/mcp.ts")).runMcp,
  },
  {
    name: "skills",
    aliases: ["skill"],
    summary: "Folders of instructions for the model: list, show, lint, install, remove",
    load: async () => (await import("./commands/skills.ts")).runSkills,
  },
  {
    name: "hooks",
    aliases: [],
    summary: "Programs that run when something happens: list, test",
    load: async () => (await import("./commands/hooks.ts")).runHooks,
  },
  {
    name: "plugins",
    aliases: ["plugin"],
    summary: "Folders with skills, hooks, prompts and servers: list, install, enable, disable, remove",
    load: async () => (await import("./commands/plugins.ts")).runPlugins,
  },
  {
    name: "features",
    aliases: [],
    summary: "Look at switches and set them",
    load: async () => (await import("./commands/features.ts")).runFeatures,
  },
  {
    name: "import",
    aliases: [],
    summary: "Take over what another agent has kept: import codex",
    load: async () => (await import("./commands/import.ts")).runImport,
  },
  {
    name: "usage",
    aliases: [],
    summary: "What models have cost: by day, model, project, thread, tool and more",
    load: async () => (await import("./commands/usage.ts")).runUsage,
  },
  {
    name: "explain",
    aliases: [],
    summary: "Explain a thread's bill: sources, cache misses, large outputs, the next request",
    load: async () => (await import("./commands/explain.ts")).runExplain,
  },
  {
    name: "route",
    aliases: [],
    summary: "Say which model and effort a task would get, and by which rule",
    load: async () => (await import("./commands/route.ts")).runRoute,
  },
  {
    name: "completion",
    aliases: [],
    summary: "Print a completion script for bash, zsh or fish",
    load: async () => {
      const { runCompletion } = await import("./commands/completion.ts");
      return (argv, system) => runCompletion(argv, system, COMMANDS);
    },
  },
  {
    name: "context",
    aliases: [],
    summary: "Show what the next request holds and why; context summary: read or change a summary",
    load: async () => (await import("./commands/context.ts")).runContext,
  },
  {
    name: "map",
    aliases: [],
    summary: "Show the files that matter most and what they declare",
    load: async () => (await import("./commands/map.ts")).runMap,
  },
  {
    name: "init",
    aliases: [],
    summary: "Write an AGENTS.md from facts that were tried out here",
    load: async () => (await import("./commands/init.ts")).runInit,
  },
  {
    name: "agents",
    aliases: [],
    summary: "AGENTS.md: its rules and faults; the kinds of agents that the model may start",
    load: async () => (await import("./commands/agents.ts")).runAgents,
  },
  {
    name: "debug",
    aliases: [],
    summary: "Look inside: what a model would be sent, known models",
    load: async () => (await import("./commands/debug.ts")).runDebug,
  },
  {
    name: "eval",
    aliases: [],
    summary: "Measure: HumanEval samples, suites of agent tasks, scores and reports",
    load: async () => (await import("./commands/eval.ts")).runEval,
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
