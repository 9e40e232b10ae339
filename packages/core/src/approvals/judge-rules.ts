import type { CommandContext, RulesPolicy } from "@quire/execpolicy";
import type { ApprovalPolicy, SandboxMode } from "@quire/protocol";
import type { BindingRule } from "../binding-rules/binding-rule.ts";

/** What the user said about hosts that no configured rule names. */
export interface HostMemory {
  /** For good or for this thread; null when nothing was said. */
  hostVerdict(host: string, port: number): "allow" | "deny" | null;
  /** `place`: see `networkPlace`, and below. */
  rememberHostForSession(place: string): void;
  /** Saves a network rule for this workspace. */
  rememberHost(place: string, verdict: "allow" | "deny"): void;
}

/** What the user allowed for good or for this thread, and where new permissions are kept. */
export interface ApprovalMemory extends HostMemory {
  /** User rules and, in a trusted project, the project's; asked for at each judgement because rules can be added. */
  rules(): RulesPolicy;
  /** Whether this very command was allowed until the thread is closed. */
  allowsForSession(command: string, cwd: string): boolean;
  rememberForSession(command: string, cwd: string): void;
  /** Saves an allow rule for commands that begin with these tokens, in this workspace. */
  rememberPrefix(tokens: readonly string[]): void;
}

export interface JudgeRules {
  readonly sandboxMode: SandboxMode;
  readonly approvalPolicy: ApprovalPolicy;
  readonly memory: ApprovalMemory;
  /** False where nobody could answer; a change that needs an answer then fails by its own limits. Default true. */
  readonly attended?: boolean;
  /** What the classifier may know of the machine. */
  readonly commands: Omit<CommandContext, "cwd" | "rules">;
  /** In plan mode: what would change anything is refused, whatever was allowed before. */
  readonly planning?: boolean;
  /** Statements of AGENTS.md that are enforced. */
  readonly binding?: readonly BindingRule[];
  /** Resolves links; for the destruction guard. Returns the path itself when nothing is there. */
  readonly realPath: (path: string) => string;
  /** Whether something is there; for the destruction guard. */
  readonly exists: (path: string) => boolean;
}

/** Whether commands run inside a sandbox of ours in this mode. */
export function isConfined(mode: SandboxMode): boolean {
  return mode === "read-only" || mode === "workspace-write";
}
