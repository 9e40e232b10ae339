import type { CommandExecutionItem } from "@quire/protocol";
import { integer, optional, text } from "./arguments/fields.ts";
import { parseArguments } from "./arguments/parse-arguments.ts";
import { commandItem, commandResult } from "./command-result.ts";
import { type CommandSession, MAX_OUTPUT_TOKENS } from "./command-sessions/command-session.ts";
import type { CommandSessions } from "./command-sessions/command-sessions.ts";
import type { Tool, ToolContext, ToolResult } from "./tool.ts";

const NAME = "write_stdin";
const DEFAULT_OUTPUT_TOKENS = 10_000;
const DEFAULT_POLL_MS = 10_000;
/** An answer to input comes soon or not at all. */
const DEFAULT_REPLY_MS = 1000;
const MAX_REPLY_MS = 30_000;
const MAX_POLL_MS = 300_000;
const CTRL_C = "\x03";
const CTRL_D = "\x04";

const FIELDS = {
  session_id: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  chars: optional(text),
  yield_time_ms: optional(integer({ min: 250, max: MAX_POLL_MS })),
  max_output_tokens: optional(integer({ min: 0, max: MAX_OUTPUT_TOKENS })),
};

const SPEC: Tool["spec"] = {
  kind: "function",
  name: NAME,
  description: "Writes to a running exec_command session or waits for more of its output.",
  parameters: {
    type: "object",
    properties: {
      session_id: { type: "number" },
      chars: {
        type: "string",
        description:
          'Text to write; empty just waits. "\\u0003" stops the command, "\\u0004" ends its input.',
      },
      yield_time_ms: {
        type: "number",
        description: "Longest wait. Default 1000 after writing, 10000 (max 300000) when waiting.",
      },
      max_output_tokens: { type: "number", description: "Default 10000." },
    },
    required: ["session_id"],
    additionalProperties: false,
  },
};

/** Looks at a command in the background, or writes to it first. */
export function createWriteStdinTool(deps: { sessions: CommandSessions }): Tool {
  return {
    spec: SPEC,
    parallel: true,
    prepare(invocation, context) {
      const parsed = parseArguments(NAME, invocation.input, FIELDS);
      if (!parsed.ok) return { kind: "invalid", code: "tool_bad_arguments", message: parsed.message };
      const { session_id: id, chars = "", yield_time_ms, max_output_tokens } = parsed.value;
      const session = deps.sessions.get(id);
      if (session === null) {
        return { kind: "invalid", code: "tool_failed", message: noSession(id, deps.sessions) };
      }
      const problem = problemOfWriting(session, chars);
      if (problem !== null) return { kind: "invalid", code: "tool_failed", message: problem };
      const item: CommandExecutionItem = {
        ...commandItem(session, { id: invocation.callId, source: "unifiedExecInteraction" }),
        status: "inProgress",
        processId: String(id),
        aggregatedOutput: null,
      };
      const waitMs =
        chars === ""
          ? (yield_time_ms ?? DEFAULT_POLL_MS)
          : Math.min(yield_time_ms ?? DEFAULT_REPLY_MS, MAX_REPLY_MS);
      return {
        kind: "ready",
        effects: chars === "" ? [] : [{ kind: "input", processId: String(id), text: chars }],
        item,
        run: () =>
          interact(
            { item, session, chars, waitMs, maxTokens: max_output_tokens ?? DEFAULT_OUTPUT_TOKENS },
            context,
            deps.sessions,
          ),
      };
    },
  };
}

interface Interaction {
  item: CommandExecutionItem;
  session: CommandSession;
  chars: string;
  waitMs: number;
  maxTokens: number;
}

/** When the turn is interrupted the wait ends and the command runs on: it was in the background before. */
async function interact(
  call: Interaction,
  context: ToolContext,
  sessions: CommandSessions,
): Promise<ToolResult> {
  const { session } = call;
  const beganMs = context.monotonicMs();
  session.sendDeltasTo((itemId, delta) => context.outputDelta(itemId, delta));
  if (session.end === null && call.chars !== "") {
    context.terminalInput(session.facts.itemId, String(session.facts.id), call.chars);
    send(session, call.chars);
  }
  await session.settle({ waitMs: call.waitMs, signal: context.signal });
  if (session.end === null) sessions.leaveInBackground(session);
  else sessions.release(session);
  return commandResult({
    item: call.item,
    session,
    wallMs: context.monotonicMs() - beganMs,
    maxTokens: call.maxTokens,
    canEscalate: sessions.canEscalate,
  });
}

/** A terminal gives the control characters their meaning; for a pipe we do. */
function send(session: CommandSession, chars: string): void {
  if (session.facts.tty) {
    void session.write(chars);
    return;
  }
  if (chars === CTRL_C) {
    void session.stop("terminated");
    return;
  }
  const endsInput = chars.endsWith(CTRL_D);
  const data = endsInput ? chars.slice(0, -CTRL_D.length) : chars;
  if (data !== "") void session.write(data);
  if (endsInput) session.endInput();
}

function problemOfWriting(session: CommandSession, chars: string): string | null {
  if (chars === "" || chars === CTRL_C || session.facts.input) return null;
  return `${NAME} wrote nothing: session ${session.facts.id} has no input. Start the command again with tty or stdin set to true.`;
}

function noSession(id: number, sessions: CommandSessions): string {
  const open = sessions.list().map((one) => `${one.id} (${one.command.slice(0, 60)})`);
  const rest = open.length === 0 ? "No session is open." : `Open sessions: ${open.join(", ")}.`;
  return `${NAME} found no session ${id}: it has ended and its output was returned, or it never existed. ${rest}`;
}
