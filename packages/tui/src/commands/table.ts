import type { SlashCommand } from "./command.ts";
import { DIFF, HELP, PS, STATUS } from "./information.ts";
import { REVIEW } from "./review.ts";
import { EFFORT, MODEL, PERMISSIONS } from "./settings.ts";
import { COPY, EXPORT, QUIT, THEME } from "./surroundings.ts";
import { ARCHIVE, COMPACT, FORK, NEW, RENAME, RESUME, REWIND } from "./threads.ts";

/** Every slash command, in the order of the list. */
export const COMMANDS: readonly SlashCommand[] = [
  MODEL,
  EFFORT,
  PERMISSIONS,
  STATUS,
  DIFF,
  REVIEW,
  PS,
  NEW,
  RESUME,
  FORK,
  COMPACT,
  REWIND,
  RENAME,
  ARCHIVE,
  EXPORT,
  COPY,
  THEME,
  HELP,
  QUIT,
];

/** A line that begins with a slash and a command's name; null when it is a message like any other. */
export function findCommand(text: string): { command: SlashCommand; argument: string } | null {
  const match = /^\/([a-z-]+)(?:\s+([\s\S]*))?$/.exec(text.trim());
  const command = COMMANDS.find(({ name }) => name === match?.[1]);
  return command === undefined ? null : { command, argument: (match?.[2] ?? "").trim() };
}
