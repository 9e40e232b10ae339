import type { ExecItem, ItemStatus, ThreadItem } from "@quire/protocol";

/** The plan as `exec --json` shows it. */
export function todoList(id: string, steps: Extract<ThreadItem, { type: "todoList" }>["steps"]): ExecItem {
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

function statusOf(status: ItemStatus) {
  return status === "inProgress" ? "in_progress" : status;
}

/** An item as `exec --json` shows it; null for those that it does not show as they are. */
export function execItem(item: ThreadItem, id: () => string): ExecItem | null {
  switch (item.type) {
    case "userMessage":
    case "todoList":
      return null;
    case "agentMessage":
      return { id: id(), type: "agent_message", text: item.text };
    case "reasoning":
      return { id: id(), type: "reasoning", text: [...item.summary, ...item.content].join("\n\n") };
    case "commandExecution":
      return {
        id: id(),
        type: "command_execution",
        command: item.argv.length > 0 ? displayArgv(item.argv) : item.command,
        aggregated_output: item.aggregatedOutput ?? "",
        exit_code: item.exitCode,
        status:
          item.status === "completed" && item.exitCode !== null && item.exitCode !== 0
            ? "failed"
            : statusOf(item.status),
        output_bytes: item.outputBytes,
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
          added: change.added,
          removed: change.removed,
        })),
        status: statusOf(item.status),
        ...(item.error ? { error: item.error } : {}),
      };
    case "toolCall":
      return {
        id: id(),
        type: "tool_call",
        tool: item.tool,
        arguments: item.arguments,
        output: item.output,
        status: statusOf(item.status),
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
        error: item.error,
        status: statusOf(item.status),
        ...(item.durationMs === null ? {} : { duration_ms: item.durationMs }),
      };
    case "webSearch":
      return { id: id(), type: "web_search", query: item.query, action: item.action ?? undefined };
    case "imageView":
      return {
        id: id(),
        type: "image_view",
        path: item.path,
        status: statusOf(item.status),
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
    case "warning":
      return { id: id(), type: "error", message: item.message, code: item.code };
  }
}

const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** An argument list as one could type it, in the form Codex shows (`/bin/bash -lc 'echo hi'`). */
export function displayArgv(argv: readonly string[]): string {
  return argv.map((word) => (PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}
