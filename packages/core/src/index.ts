export type {
  AgentIdentity,
  AgentOpening,
  AgentSpending,
  AgentThread,
  AgentThreads,
  TurnAgents,
} from "./agents/agent.ts";
export { createApprovalMemory, type SavedRules } from "./approvals/approval-memory.ts";
export type { ApprovalAnswer, ApprovalDecision, ApprovalRequest, Approver } from "./approvals/approver.ts";
export { askAllowed } from "./approvals/ask-allowed.ts";
export type { NetworkEffect, Question } from "./approvals/judge.ts";
export {
  type ApprovalMemory,
  type HostMemory,
  isConfined,
  type JudgeRules,
} from "./approvals/judge-rules.ts";
export {
  type HostDecision,
  type HostRequest,
  type HostVerdict,
  NetworkDesk,
} from "./approvals/network-desk.ts";
export type {
  BannedPattern,
  BindingRule,
  ReadStatement,
  RuleBook,
  RuleCheck,
  RuleKind,
  RuleSource,
} from "./binding-rules/binding-rule.ts";
export { citeRule } from "./binding-rules/binding-rule.ts";
export { readRuleBook } from "./binding-rules/read-rule-book.ts";
export type { CheckedRule, TurnChange } from "./binding-rules/turn-state.ts";
export type { RememberedTree, TreeChanges, WorkTree } from "./binding-rules/work-tree.ts";
export type { OuterBudget, ThreadBudget, TurnBudget } from "./budget/turn-budget.ts";
export type { Compactor, CompactorInput, CompactorOutcome } from "./compaction/compactor.ts";
export { editSummary, readSummary, type StoredSummary } from "./compaction/stored-summary.ts";
export { BASE_INSTRUCTIONS } from "./context/base-instructions.ts";
export { type ContextFacts, type ContextPiece, describeContext } from "./context/describe-context.ts";
export { isContextMessage, type SessionSurroundings } from "./context/session-context.ts";
export type { EventReader, SubscribeOptions } from "./events/fan-out.ts";
export type { GoalChange } from "./goals/thread-goals.ts";
export { type HookDefinition, type HookOrigin, type ParsedHooks, parseHooks } from "./hooks/hook-config.ts";
export { HookDesk, type HookedAgent, type RunHook } from "./hooks/hook-desk.ts";
export { HOOK_EVENTS, type HookEvent, isHookEvent } from "./hooks/hook-event.ts";
export { type HookRun, type HookVerdict, hookName, joinVerdicts, readHookRun } from "./hooks/hook-output.ts";
export { hookEventName, hookEventWords } from "./hooks/hook-run-summary.ts";
export { approvalText, planModeText } from "./plan-mode/plan-mode-text.ts";
export { loadProjectDocs, type ProjectDocs } from "./project-docs/load-project-docs.ts";
export { listQueues } from "./queue/list-queues.ts";
export { QueueWatch } from "./queue/queue-watch.ts";
export { changeQueue, type QueuedMessage, readQueue } from "./queue/stored-queue.ts";
export {
  isWorthHiding,
  type KnownSecret,
  namesSecret,
  secretsOfEnvironment,
} from "./redaction/known-secret.ts";
export { createRedactor, type Redactor, type RedactorOptions } from "./redaction/redactor.ts";
export {
  archiveThread,
  deleteThread,
  findThreadFile,
  listArchived,
  type ThreadFile,
  type ThreadFilesDeps,
  unarchiveThread,
} from "./rollout/archived-threads.ts";
export { readLastTurns } from "./rollout/last-turns.ts";
export { type RecordedTurn, readTurns } from "./rollout/recorded-turns.ts";
export { type ReplayedThread, replayRollout } from "./rollout/replay.ts";
export { revertThread } from "./rollout/revert.ts";
export { nodeRolloutFs, type RolloutFs } from "./rollout/rollout-fs.ts";
export { parseRollout, type RolloutDamage } from "./rollout/rollout-reader.ts";
export { findLastThread, findThread, listRollouts, type StoredThread } from "./rollout/rollout-store.ts";
export type { ThreadLockDeps } from "./rollout/thread-lock.ts";
export { readThreadNames, writeThreadName } from "./rollout/thread-names.ts";
export { summarizeThread, type ThreadSummary } from "./rollout/thread-summary.ts";
export { findSkills, type SkillFiles, type SkillRoot } from "./skills/find-skills.ts";
export { mentionedSkills } from "./skills/mentioned-skills.ts";
export { type ParsedSkill, parseSkill, type SkillFile } from "./skills/parse-skill.ts";
export type { FoundSkills, Skill, SkillProblem, SkillScope } from "./skills/skill.ts";
export { type SkillList, skillList, skillListBudget } from "./skills/skill-list.ts";
export { type SkillUse, skillUse } from "./skills/skill-use.ts";
export { createThread } from "./thread/create-thread.ts";
export { type CommandEvidence, type Evidence, EvidenceLog } from "./thread/evidence.ts";
export {
  forkLog,
  type NewThreadMeta,
  type ResumeNotice,
  resumeLog,
  startLog,
  type ThreadLogDeps,
  type ThreadLogState,
} from "./thread/open-thread.ts";
export type {
  RunningTurn,
  Thread,
  ThreadLimits,
  ThreadParts,
  ThreadSettings,
  TurnOptions,
} from "./thread/thread.ts";
export { uuidV7 } from "./thread/thread-id.ts";
export type { LateTools } from "./turn/late-tools.ts";
export { RETRIES_PER_TURN } from "./turn/retry-budget.ts";
export type { SideAnswer, SideQuestion } from "./turn/side-answer.ts";
export { causingTool, type ThreadBooks, TurnBill } from "./turn/turn-bill.ts";
export { MAIN_AGENT } from "./turn/turn-context.ts";
export { NO_ROUTE, type TurnRoute, type TurnRouter } from "./turn/turn-route.ts";
export type { TaskEnd, TaskScope, TurnTask } from "./turn/turn-task.ts";
