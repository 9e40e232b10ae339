import type { ApprovalPolicy, ReasoningEffort, SandboxMode } from "@quire/protocol";
import type { OnApproval } from "./approvals.ts";
import type { CustomTool } from "./tools.ts";

/** How the engine is found and set up. */
export interface QuireOptions {
  /** The command to run. Default: `quire` on the PATH. */
  quirePathOverride?: string;
  /** Base URL of the built-in `openai` provider. */
  baseUrl?: string;
  /** Key for it; it reaches the engine by its environment. */
  apiKey?: string;
  /** Configuration values by dotted key or as nested objects, in the words of config.toml. */
  config?: Readonly<Record<string, unknown>>;
  /** The whole environment of the engine. Default: this process's. */
  env?: Readonly<Record<string, string>>;
}

/** What a thread runs under. Left out means: as the engine's configuration says. */
export interface ThreadOptions {
  model?: string;
  sandboxMode?: SandboxMode;
  /** Default: this process's. */
  workingDirectory?: string;
  modelReasoningEffort?: ReasoningEffort;
  networkAccessEnabled?: boolean;
  webSearchMode?: "disabled" | "cached" | "live";
  /** Default: `never` without `onApproval`, else what the configuration says. */
  approvalPolicy?: ApprovalPolicy;
  /** More directories that the agent may write to. */
  additionalDirectories?: readonly string[];
  baseInstructions?: string;
  developerInstructions?: string;
  /** More configuration values for this thread; they win over those of `Quire`. */
  config?: Readonly<Record<string, unknown>>;
  /** Keep no log. */
  ephemeral?: boolean;
  /** Answers the agent's questions for permission. */
  onApproval?: OnApproval;
  /** Tools that run in this program. */
  tools?: readonly CustomTool[];
}

/** What one run may use. The turn is interrupted when it passes a limit. */
export interface Budget {
  /** Calls to the model. */
  maxTurns?: number;
  /** Input and output together, of this run. */
  maxTokens?: number;
  /** US dollars of this run; a model without a known price makes the run fail with `cost_unknown`. */
  maxCostUsd?: number;
  timeoutMs?: number;
}

export interface RunOptions extends Budget {
  /** A JSON schema of an object that the final answer must follow. */
  outputSchema?: Readonly<Record<string, unknown>>;
  signal?: AbortSignal;
}
