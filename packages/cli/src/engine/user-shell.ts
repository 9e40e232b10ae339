import type { TaskScope, TurnTask } from "@quire/core";
import { type CommandExecutionItem, type ErrorInfo, textMessage } from "@quire/protocol";
import { commandItem, truncateMiddle } from "@quire/tools";
import type { SessionTools } from "../session/session-tools.ts";

export interface UserShell {
  id: string;
  command: string;
  timeoutMs: number;
  cwd: string;
  commands: SessionTools["commands"];
}

/** What the model is told of the output. */
const OUTPUT_TOKENS = 10_000;

/**
 * A command that the user typed. It was not the model's idea, so nothing judges it and no sandbox holds it: it runs as the
 * user would run it. The model learns of it with the next turn.
 */
export function userShellTask(shell: UserShell): TurnTask {
  return async (scope) => {
    const item = await run(shell, scope);
    scope.completed(item);
    const output = truncateMiddle(item.aggregatedOutput ?? "", { maxTokens: OUTPUT_TOKENS }).text;
    const end =
      item.exitCode === null
        ? (item.error?.message ?? "It has no exit code.")
        : `Exit code: ${item.exitCode}`;
    const parts = [`$ ${shell.command}`, end, `Output:\n${output}`];
    scope.remember([textMessage("user", `<user_shell_command>\n${parts.join("\n")}\n</user_shell_command>`)]);
    return { finalText: null, error: null };
  };
}

async function run(
  { id, command, timeoutMs, cwd, commands }: UserShell,
  scope: TaskScope,
): Promise<CommandExecutionItem> {
  const argv = [commands.shell.path, "-c", command];
  const intent = intentOf(id, command, argv, cwd);
  scope.started(intent);
  const start = await commands.start({
    itemId: id,
    command,
    argv,
    cwd,
    tty: false,
    input: false,
    unconfined: commands.canEscalate,
    timeoutMs,
    signal: scope.signal,
  });
  if (start.kind === "refused") return failed(intent, start.error);
  const { session } = start;
  session.sendDeltasTo((itemId, delta) => scope.outputDelta(itemId, delta));
  // One second more than its own limit, which then has ended it.
  await session.settle({ waitMs: timeoutMs + 1000, signal: scope.signal });
  if (session.end === null) await session.stop("interrupted");
  session.sendDeltasTo(null);
  commands.release(session);
  return commandItem(session, { id, source: "userShell" });
}

function intentOf(id: string, command: string, argv: string[], cwd: string): CommandExecutionItem {
  return {
    type: "commandExecution",
    id,
    command,
    argv,
    cwd,
    processId: null,
    source: "userShell",
    status: "inProgress",
    aggregatedOutput: null,
    outputBytes: 0,
    exitCode: null,
    durationMs: null,
    error: null,
  };
}

function failed(item: CommandExecutionItem, error: ErrorInfo): CommandExecutionItem {
  return { ...item, status: "failed", error };
}
