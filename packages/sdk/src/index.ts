export type { Cost, ErrorInfo, TokenUsage } from "@quire/protocol";
export type { WireItem as ThreadItem, WireTurn as Turn } from "@quire/protocol/app-server";
export type { Approval, ApprovalDecision, ApprovalReply, OnApproval } from "./approvals.ts";
export {
  AbortedError,
  BudgetExceededError,
  type PartialTurn,
  QuireError,
  TurnFailedError,
} from "./errors.ts";
export type { RunEvent } from "./events.ts";
export type { Input, InputPart } from "./input.ts";
export type { Budget, QuireOptions, RunOptions, ThreadOptions } from "./options.ts";
export { Quire } from "./quire.ts";
export { type RunResult, type StreamedRun, Thread } from "./thread.ts";
export type { CustomTool, ToolCallContext } from "./tools.ts";
