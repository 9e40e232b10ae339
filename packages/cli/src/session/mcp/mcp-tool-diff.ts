import type { McpTool } from "@quire/mcp";
import { visibleText } from "@quire/protocol";

const MAX_TEXT = 8 * 1024;
const MAX_DIFF = 2000;

/** What a person goes by in a tool's definition, one thing a line, with what hides made visible. Cut to 8 KiB. */
export function definitionText({ description, inputSchema, readOnly }: McpTool): string {
  const harmless = readOnly ? "says that it only reads" : "does not say that it only reads";
  return visibleText(`${description}\n${harmless}\n${JSON.stringify(inputSchema, null, 1)}`).slice(
    0,
    MAX_TEXT,
  );
}

/** The lines in which two definitions differ. */
export function definitionDiff(before: string, after: string): string {
  const old = before.split("\n");
  const now = after.split("\n");
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  const room = Math.min(old.length, now.length) - start;
  while (end < room && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const lines = [
    ...old.slice(start, old.length - end).map((line) => `- ${line}`),
    ...now.slice(start, now.length - end).map((line) => `+ ${line}`),
  ];
  const diff = lines.length === 0 ? "(beyond the first 8 KiB of its definition)" : lines.join("\n");
  return diff.length <= MAX_DIFF ? diff : `${diff.slice(0, MAX_DIFF)}\n…`;
}
