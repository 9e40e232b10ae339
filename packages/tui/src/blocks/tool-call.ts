import { readWebAction } from "@quire/protocol";
import type { WireItem } from "@quire/protocol/app-server";
import { safeLine } from "../text/safe-text.ts";
import type { Span, StyledLine } from "../text/styled-line.ts";
import { type BlockView, shownPath } from "./block-view.ts";
import { durationFacts, errorLines, headingLine, type Outcome } from "./heading.ts";
import { outputLines } from "./output-lines.ts";

type McpItem = Extract<WireItem, { type: "mcpToolCall" }>;
type ToolItem = Extract<WireItem, { type: "dynamicToolCall" }>;
type SearchItem = Extract<WireItem, { type: "webSearch" }>;
type ImageItem = Extract<WireItem, { type: "imageView" }>;

const SHOWN_ARGUMENTS = 160;

const OUTCOMES: Readonly<Record<McpItem["status"], Outcome>> = {
  completed: "good",
  failed: "bad",
  declined: "declined",
  inProgress: "running",
};

/** A call of an MCP server's tool with its arguments and the first lines of what it answered. */
export function mcpBlock(item: McpItem, view: BlockView): StyledLine[] {
  const text = (item.result?.content ?? []).flatMap((part) => textOf(part)).join("\n");
  return [
    headingLine(
      OUTCOMES[item.status],
      item.status === "inProgress" ? "Calling" : "Called",
      [...nameSpans(`${item.server}.${item.tool}`), ...argumentSpans(item.arguments, view)],
      durationFacts(item.durationMs),
    ),
    ...outputLines(text.trim(), "first", view),
    ...errorLines(item.error),
  ];
}

/** A call of a tool that a client runs, or that has no form of its own. */
export function toolBlock(item: ToolItem, view: BlockView): StyledLine[] {
  const text = (item.contentItems ?? [])
    .map((part) => (part.type === "inputText" ? part.text : "[image]"))
    .join("\n");
  return [
    headingLine(
      OUTCOMES[item.status],
      item.status === "inProgress" ? "Calling" : "Called",
      [...nameSpans(item.tool), ...argumentSpans(item.arguments, view)],
      durationFacts(item.durationMs),
    ),
    ...outputLines(text.trim(), "first", view),
    ...errorLines(item.error),
  ];
}

export function searchBlock(item: SearchItem): StyledLine[] {
  const query = item.query === "" ? "the web" : item.query;
  const { kind, error } = readWebAction(item.action);
  const verb = kind === "page" ? "Read" : "Searched";
  return [
    headingLine(error === null ? "good" : "bad", verb, [{ text: safeLine(query), ink: "accent" }]),
    ...errorLines(error),
  ];
}

export function imageBlock(item: ImageItem, view: BlockView): StyledLine[] {
  const outcome = item.status === undefined ? "good" : OUTCOMES[item.status];
  return [
    headingLine(outcome, "Looked at", [{ text: safeLine(shownPath(item.path, view.cwd)), ink: "accent" }]),
    ...errorLines(item.error),
  ];
}

function nameSpans(name: string): Span[] {
  return [{ text: safeLine(name), ink: "accent" }];
}

function argumentSpans(value: unknown, view: BlockView): Span[] {
  const text = safeLine(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
  if (text === "" || text === "{}") return [];
  const shown = view.unfolded || text.length <= SHOWN_ARGUMENTS ? text : `${text.slice(0, SHOWN_ARGUMENTS)}…`;
  return [{ text: ` ${shown}`, ink: "muted" }];
}

/** The parts of an MCP answer are the server's own: text is shown, anything else is named. */
function textOf(part: unknown): string[] {
  if (typeof part !== "object" || part === null) return [];
  if ("text" in part && typeof part.text === "string") return [part.text];
  return "type" in part && typeof part.type === "string" ? [`[${part.type}]`] : [];
}
