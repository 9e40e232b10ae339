import type { CollabAgentState, ErrorInfo, ExecItem } from "@quire/protocol";
import type { ToolContent, WireItem } from "@quire/protocol/app-server";

export type PlanSteps = NonNullable<Extract<WireItem, { type: "plan" }>["steps"]>;

/** The plan as `exec --json` shows it. */
export function todoList(id: string, steps: PlanSteps): ExecItem {
  return {
    id,
    type: "todo_list",
    items: steps.map((step) => ({
      text: step.step,
      completed: step.status === "completed",
      status: step.status === "inProgress" ? "in_progress" : step.status,
    })),
  };
}

type WireStatus = Extract<WireItem, { type: "fileChange" }>["status"];

/** An unknown outcome is a failure on the wire, told by its code. */
function statusOf(status: WireStatus | undefined, error?: ErrorInfo | null) {
  if (status === undefined) return "completed";
  if (status === "inProgress") return "in_progress";
  return error?.code === "outcome_unknown" ? "unknown" : status;
}

/** An item as `exec --json` shows it; null for those that it does not show as they are. */
export function execItem(item: WireItem, id: () => string): ExecItem | null {
  switch (item.type) {
    case "plan":
      return item.steps == null ? { id: id(), type: "plan", text: item.text } : null;
    case "userMessage":
    case "enteredReviewMode":
    case "exitedReviewMode":
      return null;
    case "agentMessage":
      return { id: id(), type: "agent_message", text: item.text };
    case "reasoning":
      return { id: id(), type: "reasoning", text: [...item.summary, ...item.content].join("\n\n") };
    case "commandExecution":
      return {
        id: id(),
        type: "command_execution",
        command: item.command,
        aggregated_output: item.aggregatedOutput ?? "",
        exit_code: item.exitCode,
        status:
          item.status === "completed" && item.exitCode !== null && item.exitCode !== 0
            ? "failed"
            : statusOf(item.status, item.error),
        ...(item.outputBytes === undefined ? {} : { output_bytes: item.outputBytes }),
        ...(item.durationMs === null ? {} : { duration_ms: item.durationMs }),
        ...(item.processId === null ? {} : { process_id: item.processId }),
        ...(item.error ? { error: item.error } : {}),
      };
    case "fileChange":
      return {
        id: id(),
        type: "file_change",
        changes: item.changes.map((change) => ({
          path: change.path,
          kind: change.kind.type,
          ...(change.kind.type === "update" && change.kind.move_path
            ? { move_path: change.kind.move_path }
            : {}),
          ...(change.diff === "" ? {} : { diff: change.diff }),
          ...(change.added === undefined ? {} : { added: change.added }),
          ...(change.removed === undefined ? {} : { removed: change.removed }),
        })),
        status: statusOf(item.status, item.error),
        ...(item.error ? { error: item.error } : {}),
      };
    case "dynamicToolCall":
      return {
        id: id(),
        type: "tool_call",
        tool: item.tool,
        arguments: typeof item.arguments === "string" ? item.arguments : JSON.stringify(item.arguments),
        output: item.contentItems === null ? null : item.contentItems.map(contentText).join("\n"),
        status: statusOf(item.status, item.error),
        ...(item.error ? { error: item.error } : {}),
      };
    case "mcpToolCall":
      return {
        id: id(),
        type: "mcp_tool_call",
        server: item.server,
        tool: item.tool,
        arguments: item.arguments,
        result:
          item.result === null
            ? null
            : { content: item.result.content, structured_content: item.result.structuredContent },
        error: item.error ?? null,
        status: statusOf(item.status, item.error),
        ...(item.durationMs === null ? {} : { duration_ms: item.durationMs }),
      };
    case "webSearch":
      return { id: id(), type: "web_search", query: item.query, action: item.action ?? undefined };
    case "imageView":
      return {
        id: id(),
        type: "image_view",
        path: item.path,
        status: statusOf(item.status, item.error),
        ...(item.error ? { error: item.error } : {}),
      };
    case "approval":
      return {
        id: id(),
        type: "approval",
        subject: item.subject,
        reason: item.reason,
        decision: item.decision,
        ...(item.savedPrefix === null ? {} : { saved_prefix: item.savedPrefix }),
      };
    case "contextCompaction":
      return {
        id: id(),
        type: "context_compaction",
        trigger: item.trigger,
        compactor: item.compactor,
        tokens_before: item.tokensBefore,
        tokens_after: item.tokensAfter,
        summary: item.summary,
        left_out: item.leftOut,
        ...(item.error ? { error: item.error } : {}),
      };
    case "networkAccess": {
      const { host, ports, verdict, rule, count } = item;
      return { id: id(), type: "network_access", host, ports, verdict, rule, count };
    }
    case "ruleCheck":
      return {
        id: id(),
        type: "rule_check",
        outcome: item.outcome,
        handed_back: item.handedBack,
        checks: item.checks,
      };
    case "collabAgentToolCall":
      return {
        id: id(),
        type: "collab_tool_call",
        tool: snakeCase(item.tool),
        sender_thread_id: item.senderThreadId,
        receiver_thread_ids: item.receiverThreadIds,
        prompt: item.prompt,
        agents_states: Object.fromEntries(
          Object.entries(item.agentsStates).map(([thread, state]) => [thread, agentState(state)]),
        ),
        status: item.status === "interrupted" ? item.status : statusOf(item.status, item.error),
        ...(item.error ? { error: item.error } : {}),
      };
    case "subAgentActivity":
      return {
        id: id(),
        type: "subagent_activity",
        kind: item.kind,
        thread_id: item.agentThreadId,
        path: item.agentPath,
        model: item.model,
        ...(item.state === undefined ? {} : { state: agentState(item.state) }),
        ...(item.told === undefined ? {} : { told: item.told }),
      };
    case "warning":
      return { id: id(), type: "error", message: item.message, code: item.code };
  }
}

const AGENT_STATUS = {
  pendingInit: "pending_init",
  running: "running",
  interrupted: "interrupted",
  completed: "completed",
  errored: "errored",
  shutdown: "shutdown",
  notFound: "not_found",
} as const;

function agentState(state: CollabAgentState) {
  return { ...state, status: AGENT_STATUS[state.status] };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function contentText(part: ToolContent): string {
  return part.type === "inputText" ? part.text : "[image]";
}
