import {
  type CollabAgentToolCallItem,
  type ItemStatus,
  type PlanItem,
  readWebAction,
  type ThreadItem,
  type ToolCallItem,
  type UserInput,
} from "@quire/protocol";
import type { ToolContent, WireItem, WireUserInput } from "@quire/protocol/app-server";
import { commandActions } from "./command-actions.ts";
import { joinWords } from "./shell-words.ts";

/** An item of the log as clients see it. */
export function itemView(item: ThreadItem): WireItem {
  const times = { startedAtMs: item.startedAtMs ?? null, completedAtMs: item.completedAtMs ?? null };
  switch (item.type) {
    case "userMessage":
      return {
        ...times,
        type: "userMessage",
        id: item.id,
        clientId: item.clientId ?? null,
        content: item.content.map(inputView),
      };
    case "agentMessage":
      return {
        ...times,
        type: "agentMessage",
        moderation: null,
        id: item.id,
        text: item.text,
        phase: null,
        memoryCitation: null,
        delivery: null,
        questions: null,
      };
    case "todoList":
      return { ...times, ...planView(item) };
    case "plan":
      return { ...times, type: "plan", id: item.id, text: item.text };
    case "toolCall":
      return { ...times, ...toolCallView(item) };
    case "commandExecution":
      return {
        ...times,
        type: "commandExecution",
        id: item.id,
        pluginId: null,
        scriptPath: null,
        command: item.argv.length > 0 ? joinWords(item.argv) : item.command,
        shellCommand: item.command,
        cwd: item.cwd,
        processId: item.processId,
        source: item.source,
        status: statusView(item.status),
        commandActions: commandActions(item.command, item.cwd),
        aggregatedOutput: item.aggregatedOutput,
        exitCode: item.exitCode,
        durationMs: item.durationMs,
        outputBytes: item.outputBytes,
        error: item.error,
      };
    case "fileChange":
      return {
        ...times,
        type: "fileChange",
        id: item.id,
        changes: item.changes,
        ...(item.patchBytes === undefined ? {} : { patchBytes: item.patchBytes }),
        status: statusView(item.status),
        error: item.error,
      };
    case "imageView":
      return { ...times, ...item, status: statusView(item.status) };
    case "webSearch":
      return {
        ...times,
        type: "webSearch",
        id: item.id,
        query: item.query,
        action: item.action,
        results: webResults(item.action),
      };
    case "mcpToolCall":
      return { ...times, ...item, arguments: item.arguments, status: statusView(item.status) };
    case "reasoning":
      return { ...times, type: "reasoning", id: item.id, summary: item.summary, content: item.content };
    case "collabAgentToolCall":
      return { ...times, ...item, status: callStatus(item.status) };
    case "subAgentActivity":
      return { ...times, ...item };
    case "enteredReviewMode":
    case "exitedReviewMode":
      return { ...times, ...item };
    case "approval":
    case "contextCompaction":
    case "networkAccess":
    case "ruleCheck":
    case "warning":
      return item;
  }
}

/** Clients know four; an unknown outcome is a failure whose error says so. */
function statusView(status: ItemStatus): Exclude<ItemStatus, "unknown"> {
  return status === "unknown" ? "failed" : status;
}

/** Codex's calls about agents are never declined: that is a failure with a code. */
function callStatus(status: CollabAgentToolCallItem["status"]) {
  return status === "unknown" || status === "declined" ? "failed" : status;
}

function inputView(input: UserInput): WireUserInput {
  return input.type === "text" ? { ...input, text_elements: [] } : input;
}

const MARKS = { pending: " ", inProgress: ">", completed: "x" } as const;

function planView(item: PlanItem): Extract<WireItem, { type: "plan" }> {
  return {
    type: "plan",
    id: item.id,
    text: item.steps.map(({ step, status }) => `- [${MARKS[status]}] ${step}`).join("\n"),
    explanation: item.explanation,
    steps: item.steps,
  };
}

function toolCallView(item: ToolCallItem): Extract<WireItem, { type: "dynamicToolCall" }> {
  const content: ToolContent[] | null =
    item.output === null ? null : [{ type: "inputText", text: item.output }];
  return {
    type: "dynamicToolCall",
    id: item.id,
    namespace: null,
    tool: item.tool,
    arguments: parsed(item.arguments),
    status: statusView(item.status),
    contentItems: content,
    success: item.status === "inProgress" ? null : item.status === "completed",
    durationMs: null,
    error: item.error,
  };
}

/** The arguments as JSON where they are JSON, as the model wrote them where not. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function webResults(action: unknown): unknown[] | null {
  const { sources } = readWebAction(action);
  return sources === null ? null : [...sources];
}
