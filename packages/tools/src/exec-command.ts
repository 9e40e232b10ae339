import { resolve } from "node:path";
import type { CommandExecutionItem } from "@quire/protocol";
import { choice, flag, integer, list, optional, text, type ValuesOf } from "./arguments/fields.ts";
import { parseArguments } from "./arguments/parse-arguments.ts";
import { commandText, shellPath, toShellText } from "./arguments/shell-words.ts";
import { commandResult, notStartedResult } from "./command-result.ts";
import { MAX_OUTPUT_TOKENS } from "./command-sessions/command-session.ts";
import type { CommandSessions } from "./command-sessions/command-sessions.ts";
import type { Effect, PreparedCall, Tool, ToolContext, ToolInvocation, ToolResult } from "./tool.ts";

const NAME = "exec_command";
const DEFAULT_OUTPUT_TOKENS = 10_000;
const DEFAULT_YIELD_MS = 10_000;
/** One argument of a Linux program cannot be longer. */
const MAX_COMMAND_BYTES = 128 * 1024 - 1;
/** Lets a command whose time limit lies within the wait be reported as timed out. */
const TIMEOUT_SLACK_MS = 1000;

const FIELDS = {
  cmd: commandText,
  workdir: optional(text),
  shell: optional(text),
  login: optional(flag),
  tty: optional(flag),
  stdin: optional(flag),
  yield_time_ms: optional(integer({ min: 250, max: 30_000 })),
  max_output_tokens: optional(integer({ min: 0, max: MAX_OUTPUT_TOKENS })),
  timeout_ms: optional(integer({ min: 1, max: 24 * 60 * 60 * 1000 })),
  sandbox_permissions: optional(choice(["use_default", "require_escalated"])),
  justification: optional(text),
  prefix_rule: optional(list(text, "strings")),
};

const SPEC: Tool["spec"] = {
  kind: "function",
  name: NAME,
  description:
    "Runs a shell command. Returns its output, or a session ID for write_stdin if it still runs after yield_time_ms. What a command leaves running is killed when it ends.",
  parameters: {
    type: "object",
    properties: {
      cmd: { type: "string", description: "Shell command." },
      workdir: { type: "string", description: "Defaults to the turn's directory." },
      shell: { type: "string", description: "Defaults to the user's shell." },
      login: { type: "boolean", description: "Login shell; slow. Default false." },
      tty: { type: "boolean", description: "Run on a terminal. Default false." },
      stdin: {
        type: "boolean",
        description: "Keep stdin open for write_stdin; else it is empty. A tty's is open.",
      },
      yield_time_ms: { type: "number", description: "Longest wait, 250-30000. Default 10000." },
      max_output_tokens: { type: "number", description: "Default 10000; the middle is cut out." },
      timeout_ms: { type: "number", description: "Kill after this time." },
      sandbox_permissions: {
        type: "string",
        enum: ["use_default", "require_escalated"],
        description: "require_escalated asks the user to run it outside the sandbox.",
      },
      justification: {
        type: "string",
        description: "With require_escalated: one question to the user, why.",
      },
      prefix_rule: {
        type: "array",
        items: { type: "string" },
        description: 'With require_escalated: command prefix to allow from now on, e.g. ["npm","test"].',
      },
    },
    required: ["cmd"],
    additionalProperties: false,
  },
};

export interface ExecCommandDeps {
  sessions: CommandSessions;
  /** Takes over calls that do nothing but apply a patch; null for every other command. */
  interceptPatch?: (
    command: string | readonly string[],
    cwd: string,
    invocation: ToolInvocation,
    context: ToolContext,
  ) => Promise<PreparedCall | null> | null;
}

/** Runs shell text, in the foreground for a while and in the background if it takes longer. */
export function createExecCommandTool(deps: ExecCommandDeps): Tool {
  return {
    spec: SPEC,
    parallel: true,
    prepare(invocation, context) {
      const parsed = parseArguments(NAME, invocation.input, FIELDS);
      if (!parsed.ok) return invalid(parsed.message);
      const cwd = resolve(context.cwd, parsed.value.workdir ?? "");
      const prepareCommand = () =>
        prepareShell(parsed.value, { callId: invocation.callId, cwd, context, sessions: deps.sessions });
      const patch = deps.interceptPatch?.(parsed.value.cmd, cwd, invocation, context) ?? null;
      return patch === null ? prepareCommand() : patch.then((prepared) => prepared ?? prepareCommand());
    },
  };
}

function prepareShell(
  value: ValuesOf<typeof FIELDS>,
  setting: { callId: string; cwd: string; context: ToolContext; sessions: CommandSessions },
): PreparedCall {
  const { cwd, sessions } = setting;
  const command = toShellText(value.cmd);
  const problem = problemOf(command, cwd);
  if (problem !== null) return invalid(`${NAME} was not run: ${problem}`);
  const shell = shellPath(value.shell, sessions.shell.path);
  if (shell === null) {
    return invalid(`${NAME} was not run: "shell" must be bash, sh, zsh, dash, ksh or fish, or be left out.`);
  }
  const call: CommandCall = {
    item: intentOf(setting.callId, command, [shell, value.login === true ? "-lc" : "-c", command], cwd),
    tty: value.tty ?? false,
    input: value.stdin ?? false,
    yieldMs: value.yield_time_ms ?? DEFAULT_YIELD_MS,
    maxTokens: value.max_output_tokens ?? DEFAULT_OUTPUT_TOKENS,
    timeoutMs: value.timeout_ms ?? null,
  };
  const escalation =
    value.sandbox_permissions === "require_escalated"
      ? { justification: value.justification ?? "", prefixRule: value.prefix_rule ?? null }
      : null;
  return {
    kind: "ready",
    effects: [effectOf(call.item, escalation)],
    item: call.item,
    run: (permit) => runCommand(call, permit.sandbox === "unconfined", setting.context, sessions),
  };
}

interface CommandCall {
  item: CommandExecutionItem;
  tty: boolean;
  input: boolean;
  yieldMs: number;
  maxTokens: number;
  timeoutMs: number | null;
}

async function runCommand(
  call: CommandCall,
  unconfined: boolean,
  context: ToolContext,
  sessions: CommandSessions,
): Promise<ToolResult> {
  const { item, timeoutMs } = call;
  const beganMs = context.monotonicMs();
  const start = await sessions.start({
    itemId: item.id,
    command: item.command,
    argv: item.argv,
    cwd: item.cwd,
    tty: call.tty,
    input: call.input,
    unconfined,
    timeoutMs,
    signal: context.signal,
  });
  if (start.kind === "refused") return notStartedResult(item, start.error);

  const { session } = start;
  session.sendDeltasTo((itemId, delta) => context.outputDelta(itemId, delta));
  const endsInTime = timeoutMs !== null && timeoutMs <= call.yieldMs;
  const waitMs = endsInTime ? timeoutMs + TIMEOUT_SLACK_MS : call.yieldMs;
  await session.settle({ waitMs, signal: context.signal });
  if (context.signal.aborted) await session.stop("interrupted");
  if (session.end === null) sessions.leaveInBackground(session);
  else sessions.release(session);
  return commandResult({
    item,
    session,
    wallMs: context.monotonicMs() - beganMs,
    maxTokens: call.maxTokens,
    canEscalate: sessions.canEscalate && !unconfined,
  });
}

function intentOf(id: string, command: string, argv: string[], cwd: string): CommandExecutionItem {
  return {
    type: "commandExecution",
    id,
    command,
    argv,
    cwd,
    processId: null,
    source: "agent",
    status: "inProgress",
    aggregatedOutput: null,
    outputBytes: 0,
    exitCode: null,
    durationMs: null,
    error: null,
  };
}

function effectOf(
  item: CommandExecutionItem,
  escalation: { justification: string; prefixRule: readonly string[] | null } | null,
): Effect {
  return {
    kind: "command",
    command: item.command,
    argv: item.argv,
    cwd: item.cwd,
    ...(escalation === null ? {} : { escalation }),
  };
}

function problemOf(command: string, cwd: string): string | null {
  if (command.trim() === "") return 'the argument "cmd" is empty.';
  if (command.includes("\0") || cwd.includes("\0"))
    return "a NUL character cannot be part of a command or a path.";
  if (Buffer.byteLength(command) > MAX_COMMAND_BYTES) {
    return "the command is longer than 128 KiB. Write it to a file with apply_patch and run that.";
  }
  return null;
}

function invalid(message: string): PreparedCall {
  return { kind: "invalid", code: "tool_bad_arguments", message };
}
