import type { ApprovalPolicy, ReasoningEffort, SandboxMode } from "@quire/protocol";
import type { TurnLimits } from "@quire/protocol/app-server";

/** A kind of agent. Null leaves it as the parent has it. */
export interface AgentRole {
  readonly name: string;
  /** What a model chooses by. */
  readonly description: string;
  readonly prompt: string | null;
  readonly model: string | null;
  readonly effort: ReasoningEffort | null;
  readonly sandboxMode: SandboxMode | null;
  readonly approvalPolicy: ApprovalPolicy | null;
  /** Names of the only tools it has. */
  readonly tools: readonly string[] | null;
  /** For each of its tasks. */
  readonly limits: TurnLimits;
  /** The file it comes from; null for what is built in. */
  readonly file: string | null;
}

const PLAIN: Omit<AgentRole, "name" | "description"> = {
  prompt: null,
  model: null,
  effort: null,
  sandboxMode: null,
  approvalPolicy: null,
  tools: null,
  limits: {},
  file: null,
};

const READING_TOOLS = ["exec_command", "repo_map", "view_image", "write_stdin"];

/** Kinds of agents that are always there; a file with the same name takes the place of one. */
export const BUILTIN_ROLES: readonly AgentRole[] = [
  { ...PLAIN, name: "default", description: "Works on a part of the task, with what you have yourself." },
  {
    ...PLAIN,
    name: "explorer",
    description: "Reads only. Finds things out about the code and answers briefly, with files and lines.",
    prompt:
      "You explore: find out what you are asked, by reading and searching. You cannot change anything. Answer briefly and exactly, with paths and line numbers, and say what you did not look at.",
    effort: "low",
    sandboxMode: "read-only",
    tools: READING_TOOLS,
  },
  {
    ...PLAIN,
    name: "reviewer",
    description: "Reads only. Judges changes or code and names real faults, the worst first.",
    prompt:
      "You review: look for faults that matter (wrong results, lost data, security, broken callers, missing tests), check each against the code, and report the worst first with path, line and why. You cannot change anything. If there are none, say so.",
    sandboxMode: "read-only",
    tools: READING_TOOLS,
  },
];
