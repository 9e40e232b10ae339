import type { CommandExecutionItem, ErrorInfo } from "@quire/protocol";
import type { Denial } from "@quire/sandbox";
import type { CommandEnd, CommandSession } from "./command-sessions/command-session.ts";
import { truncateMiddle } from "./output-budget.ts";
import type { ToolResult } from "./tool.ts";

/** What one look at a background command adds to the log: 32 KiB. */
const INTERACTION_BUDGET = { maxTokens: 8192 };

/** What a look at a session needs to become an answer. */
export interface SessionLook {
  /** The item as it was announced. */
  item: CommandExecutionItem;
  session: CommandSession;
  /** Since the call began. */
  wallMs: number;
  maxTokens: number;
  /** Whether the model may ask to run the command outside the sandbox. */
  canEscalate: boolean;
}

/** The answer to a call that waited for a command, whether the command has ended or runs on. */
export function commandResult(look: SessionLook): ToolResult {
  const { session } = look;
  const { end } = session;
  const unread = session.takeUnread(look.maxTokens);
  const lines = [
    `Wall time: ${(look.wallMs / 1000).toFixed(4)} seconds`,
    end === null
      ? `Process running with session ID ${session.facts.id}`
      : endInWords(end, session.facts.limitMs),
    ...denialLines(session.denials, look.canEscalate),
    ...session.notices.map((notice) => `Notice: ${notice.message}`),
    ...(unread.truncated ? [`Original token count: ${unread.originalTokens}`] : []),
    "Output:",
  ];
  const notices = session.notices.map(({ kind, message }) => ({ code: kind, message }));
  const interaction = look.item.source === "unifiedExecInteraction";
  return {
    item: {
      ...commandItem(session, look.item),
      ...(interaction ? { aggregatedOutput: truncateMiddle(unread.text, INTERACTION_BUDGET).text } : {}),
    },
    output: `${lines.join("\n")}\n${unread.text}`,
    success: end === null || succeeded(end),
    ...(notices.length === 0 ? {} : { notices }),
  };
}

/** What a session looks like as an item, now. `announced` gives the item its identity. */
export function commandItem(
  session: CommandSession,
  announced: Pick<CommandExecutionItem, "id" | "source">,
): CommandExecutionItem {
  const { facts, end } = session;
  return {
    type: "commandExecution",
    id: announced.id,
    command: facts.command,
    argv: [...facts.argv],
    cwd: facts.cwd,
    processId: end === null ? String(facts.id) : null,
    source: announced.source,
    status: end === null ? "inProgress" : succeeded(end) ? "completed" : "failed",
    aggregatedOutput: session.aggregatedOutput,
    outputBytes: session.outputBytes,
    exitCode: end?.kind === "exited" ? end.exitCode : null,
    durationMs: Math.round(session.durationMs),
    error: end === null || succeeded(end) ? null : errorOf(end, session),
  };
}

/** The answer to a call whose command was not started. */
export function notStartedResult(item: CommandExecutionItem, error: ErrorInfo): ToolResult {
  const output = error.next_step === undefined ? error.message : `${error.message}\n${error.next_step}`;
  return { item: { ...item, status: "failed", error }, output, success: false };
}

function succeeded(end: CommandEnd): boolean {
  return end.kind === "exited" && end.exitCode === 0;
}

function endInWords(end: CommandEnd, limitMs: number): string {
  switch (end.kind) {
    case "exited":
      return `Process exited with code ${end.exitCode}`;
    case "signaled":
      return `Process killed by signal ${end.signal.replace(/^SIG/, "")}`;
    case "failed":
      return `Process was not run: ${end.message}`;
    case "stopped":
      return STOPPED_IN_WORDS[end.reason](limitMs);
  }
}

const STOPPED_IN_WORDS = {
  timedOut: (limitMs: number) => `Process timed out after ${limitMs / 1000} seconds and was killed`,
  interrupted: () => "Process was interrupted by the user and killed",
  terminated: () => "Process was terminated",
};

function errorOf(end: CommandEnd, session: CommandSession): ErrorInfo | null {
  if (end.kind === "failed") return { code: "sandbox_unavailable", message: end.message, retryable: false };
  if (end.kind === "stopped") {
    const message = STOPPED_IN_WORDS[end.reason](session.facts.limitMs);
    return {
      code: end.reason === "timedOut" ? "command_timed_out" : "interrupted",
      message: `${message}.`,
      retryable: false,
    };
  }
  const denial = session.denials[0];
  return denial === undefined
    ? null
    : { code: "command_denied", message: denialInWords(denial), retryable: false };
}

const DENIED = {
  write: "writing",
  read: "reading",
  network: "network access",
  "system-call": "a system call",
  "process-limit": "starting more processes",
  "file-size": "a file of this size",
} as const satisfies Record<Denial["kind"], string>;

function denialInWords(denial: Denial): string {
  return `The sandbox denied ${DENIED[denial.kind]}: ${denial.evidence}`;
}

function denialLines(denials: readonly Denial[], canEscalate: boolean): string[] {
  const denial = denials[0];
  if (denial === undefined) return [];
  const remedy = canEscalate
    ? 'If the task needs it, ask by running the command again with sandbox_permissions "require_escalated" and a justification.'
    : "It cannot be allowed in this thread: find another way or tell the user.";
  return [`${denialInWords(denial).replaceAll("\n", " ")}. ${remedy}`];
}
