import type { Reports } from "../app/ports.ts";
import { AGENTS } from "./agents.ts";
import type { SlashCommand } from "./command.ts";
import { GOAL } from "./goal.ts";
import { COST, DIFF, HELP, PS, STATUS, STOP } from "./information.ts";
import { INIT } from "./init.ts";
import { KEYMAP, VIM } from "./keys.ts";
import { MCP } from "./mcp.ts";
import { MEMORIES } from "./memories.ts";
import { PLAN } from "./plan.ts";
import { QUEUE } from "./queue.ts";
import { reportCommands } from "./reports.ts";
import { REVIEW } from "./review.ts";
import { promptCommands, type SavedPrompt } from "./saved-prompt.ts";
import { EFFORT, MODEL, PERMISSIONS } from "./settings.ts";
import { SETUP } from "./setup.ts";
import { COPY, EXPORT, QUIT, THEME } from "./surroundings.ts";
import { ARCHIVE, COMPACT, FORK, NEW, RENAME, RESUME, REWIND, THREADS } from "./threads.ts";

const BEFORE: readonly SlashCommand[] = [
  MODEL,
  EFFORT,
  PERMISSIONS,
  STATUS,
  COST,
  DIFF,
  PLAN,
  GOAL,
  REVIEW,
  INIT,
  QUEUE,
  MEMORIES,
  MCP,
  AGENTS,
  PS,
  STOP,
  NEW,
  RESUME,
  THREADS,
  FORK,
  COMPACT,
  REWIND,
  RENAME,
  ARCHIVE,
  EXPORT,
  COPY,
];
const AFTER: readonly SlashCommand[] = [KEYMAP, VIM, THEME, HELP, QUIT];

/** Every slash command that there is something behind, in the order of the list; the user's own prompts come last. */
export function commandsOf(
  reports: Reports,
  canSetUp: boolean,
  prompts: readonly SavedPrompt[],
): readonly SlashCommand[] {
  const own = [...BEFORE, ...reportCommands(reports), ...(canSetUp ? [SETUP] : []), ...AFTER];
  const taken = new Set(own.map(({ name }) => name));
  return [...own, ...promptCommands(prompts, taken)];
}

/** What the same is called elsewhere. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ["exit", "quit"],
  ["clear", "new"],
  ["approvals", "permissions"],
]);

/** The name in a single line that looks like a command and is none: a slip, which is not worth a request. */
export function unknownCommand(text: string): string | null {
  return /^\/([A-Za-z][A-Za-z0-9_:-]*)(?: [^\n]*)?$/.exec(text.trimEnd())?.[1] ?? null;
}

/** A line that begins with a slash and a command's name; null when it is a message like any other. */
export function findCommand(
  text: string,
  commands: readonly SlashCommand[],
): { command: SlashCommand; argument: string } | null {
  const match = /^\/([^\s/]+)(?:\s+([\s\S]*))?$/.exec(text.trim());
  const written = match?.[1] ?? "";
  const wanted = OTHER_NAMES.get(written) ?? written;
  const command = commands.find(({ name }) => name === wanted);
  return command === undefined ? null : { command, argument: (match?.[2] ?? "").trim() };
}
