import type { BudgetBook } from "@quire/ledger";
import type { HostedWebSearch, JsonSchema, ModelClient } from "@quire/models";
import type { ApprovalPolicy, Cost, ReasoningEffort, SandboxMode, TokenUsage } from "@quire/protocol";
import type { Tool } from "@quire/tools";
import type { TurnAgents } from "../agents/agent.ts";
import type { Approver } from "../approvals/approver.ts";
import type { JudgeRules } from "../approvals/judge-rules.ts";
import type { NetworkDesk } from "../approvals/network-desk.ts";
import type { RuleBook } from "../binding-rules/binding-rule.ts";
import type { WorkTree } from "../binding-rules/work-tree.ts";
import type { BudgetGuard } from "../budget/budget-guard.ts";
import type { Compactor } from "../compaction/compactor.ts";
import type { SessionSurroundings } from "../context/session-context.ts";
import type { TokenMeter } from "../context/token-meter.ts";
import type { GoalTurn } from "../goals/goal-turn.ts";
import type { HookDesk } from "../hooks/hook-desk.ts";
import type { Redactor } from "../redaction/redactor.ts";
import type { SkillUse } from "../skills/skill-use.ts";
import type { ThreadRecord } from "../thread/thread-record.ts";
import type { LateTools } from "./late-tools.ts";
import type { RetryBudget } from "./retry-budget.ts";
import type { RuleWatch } from "./rule-watch.ts";
import type { TurnBill } from "./turn-bill.ts";
import type { TurnRoute } from "./turn-route.ts";

/** The agent that a person talks to. */
export const MAIN_AGENT = "main";

/** What a turn runs under. Frozen when the turn starts: a change of settings counts from the next turn on. */
export interface TurnSettings {
  /** The name or role of the agent that works here, as the ledger has it; absent: `MAIN_AGENT`, the user's own thread. */
  readonly agent?: string;
  readonly cwd: string;
  /** The resolved model id, never a floating alias. */
  readonly model: string;
  readonly effort: ReasoningEffort | null;
  readonly reasoningSummary: "auto" | "concise" | "detailed" | "none";
  readonly verbosity: "low" | "medium" | "high" | null;
  readonly sandboxMode: SandboxMode;
  readonly approvalPolicy: ApprovalPolicy;
  readonly instructions: string;
  readonly surroundings: SessionSurroundings;
  readonly contextWindow: number | null;
  /** The user's own bound on each answer, which is sent. */
  readonly maxOutputTokens: number | null;
  /** The most that the model says it can answer; null or absent where no source says. */
  readonly outputLimit?: number | null;
  readonly outputSchema: JsonSchema | null;
  readonly parallelToolCalls: boolean;
  /** Absent: the model is offered no search of the endpoint's. */
  readonly webSearch?: HostedWebSearch;
  readonly compaction: CompactionSettings;
  /** Only looks and proposes: nothing is changed, whatever was allowed before. */
  readonly planMode?: boolean;
  /** What AGENTS.md says and which of it is enforced. Absent: nothing is. */
  readonly ruleBook?: RuleBook;
}

/** When and how the context is compacted. */
export interface CompactionSettings {
  /** Estimated tokens of a request beyond which it is compacted first; null: only when asked, or when an endpoint refuses. */
  readonly limit: number | null;
  /** `model`, `extract`, or the name of one of the compactors that the thread was given. */
  readonly compactor: string;
  /** What the model is asked, in place of our own words. */
  readonly prompt: string | null;
  /** After this the model's summary is given up. */
  readonly timeLimitMs: number;
}

/** The parts a turn works with. */
export interface TurnParts {
  readonly record: ThreadRecord;
  readonly redactor: Pick<Redactor, "findMarker">;
  readonly client: ModelClient;
  readonly tools: readonly Tool[];
  readonly lateTools?: LateTools;
  /** The tools for the thread's goal, as far as the turn has any. */
  readonly goalTools: () => Promise<readonly Tool[]>;
  /** Brings the skills along that a message names; absent without skills. */
  readonly skills?: SkillUse;
  /** Runs the hooks that users have configured; absent without any. */
  readonly hooks?: HookDesk;
  readonly priceOf: (usage: TokenUsage, model: string) => Cost;
  /** Limits that several threads share; absent without any. */
  readonly budgetBook?: BudgetBook;
  /** Asks a person; absent where nobody can be asked. */
  readonly approver: Approver | null;
  /** Present where commands reach hosts by rules. */
  readonly network?: NetworkDesk;
  /** Compactors of the program's own, beside the built-in ones. */
  readonly compactors?: readonly Compactor[];
  /** Present where the model may start agents. */
  readonly agents?: TurnAgents;
  /** Present where it can be told what commands change. */
  readonly workTree?: WorkTree;
  readonly meter: TokenMeter;
  readonly policy: Omit<JudgeRules, "sandboxMode" | "approvalPolicy">;
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly newId: () => string;
}

/** One turn as its steps see it. */
export interface TurnContext {
  readonly turnId: string;
  readonly settings: TurnSettings;
  /** The thread's own settings where a route has others for this turn; the log keeps these for the next one. */
  readonly threadSettings: Pick<TurnSettings, "model" | "effort">;
  /** The instructions that the log names for the whole thread. */
  readonly baseInstructions: string | null;
  readonly parts: TurnParts;
  readonly signal: AbortSignal;
  /** Aborts `signal`, as the user would. */
  readonly interrupt: () => void;
  /** Whether a person, and not a limit, ended the turn. */
  readonly interruptedByUser: () => boolean;
  readonly warnings: readonly { code: string; message: string }[];
  readonly budget: BudgetGuard;
  /** Absent where no statement of AGENTS.md is enforced. */
  readonly ruleWatch?: RuleWatch;
  /** Watches the turn for the thread's goal; absent for turns that do not work towards one. */
  readonly goalTurn?: GoalTurn;
  /** Makes that watch, where there is something to watch. */
  readonly watchGoal?: () => Promise<GoalTurn>;
  /** Nobody but the goal asked for this turn. */
  readonly followsGoal: boolean;
  /** The proposed plan that the user approved with this turn. */
  readonly approves?: string;
  /** Items whose call is running; decisions about others come from the background. */
  readonly inForeground: Set<string>;
  readonly bill: TurnBill;
  readonly route: TurnRoute;
  readonly retries: RetryBudget;
}
