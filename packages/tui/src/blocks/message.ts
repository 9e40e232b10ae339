import type { WireItem, WireUserInput } from "@quire/protocol/app-server";
import { renderMarkdown } from "../markdown/render-markdown.ts";
import { safeLine, safeLines } from "../text/safe-text.ts";
import { lineOf, type Span, type StyledLine } from "../text/styled-line.ts";
import { type BlockView, shownPath } from "./block-view.ts";
import { detailLine, headingLine } from "./heading.ts";

export type AgentMessageItem = Extract<WireItem, { type: "agentMessage" }>;
export type UserMessageItem = Extract<WireItem, { type: "userMessage" }>;
export type ReasoningItem = Extract<WireItem, { type: "reasoning" }>;

const MARK: Span = { text: "› ", ink: "accent", bold: true };
const INDENT: Span = { text: "  " };

/** What the user said, set off from everything the agent does. */
export function userMessageBlock(content: readonly WireUserInput[], view: BlockView): StyledLine[] {
  const lines = content.flatMap((part) => inputLines(part, view));
  return lines.map((line, at) => ({
    spans: [at === 0 ? MARK : INDENT, { text: line, bold: true }],
    hanging: [INDENT],
  }));
}

function inputLines(part: WireUserInput, view: BlockView): string[] {
  switch (part.type) {
    case "text":
      return safeLines(part.text.replace(/\n+$/, ""));
    case "image":
      return ["[image]"];
    case "localImage":
      return [`[image ${safeLine(shownPath(part.path, view.cwd))}]`];
  }
}

/** An answer, or the part of it from `from` on. Flush with the margin and without a mark, so that it can be copied as it is. */
export function answerBlock(text: string, fence: string | null, view: BlockView): StyledLine[] {
  return renderMarkdown(text, fence, view);
}

/** Reasoning as the endpoint sums it up; the whole text only where everything is shown. */
export function reasoningBlock(item: ReasoningItem, view: BlockView): StyledLine[] {
  const text = item.summary.join("\n\n").trim();
  const whole = view.unfolded ? item.content.join("\n\n").trim() : "";
  if (text === "" && whole === "") return [];
  const [title, body] = titleAndBody(text);
  const rest = [body, whole].filter((part) => part !== "").join("\n\n");
  return [
    headingLine("plain", "Thought", [{ text: title, ink: "muted", italic: true }]),
    ...(view.unfolded && rest !== "" ? renderMarkdown(rest, null, view).map(detailOf) : []),
  ];
}

/** The last title that a stream of reasoning has given itself, for the line that says what goes on. */
export function reasoningTitle(streamed: string): string {
  const titles = [...streamed.matchAll(/\*\*([^*\n]{1,120})\*\*/g)];
  return safeLine(titles.at(-1)?.[1] ?? "");
}

/** A summary begins with its title in bold; without one its first line stands for it. */
function titleAndBody(text: string): [string, string] {
  const titled = /^\*\*([^*\n]+)\*\*\s*/.exec(text);
  if (titled) return [safeLine(titled[1] ?? ""), text.slice(titled[0].length)];
  const end = text.indexOf("\n");
  return end === -1 ? [safeLine(text), ""] : [safeLine(text.slice(0, end)), text.slice(end + 1)];
}

function detailOf(line: StyledLine): StyledLine {
  return {
    ...detailLine(line.spans),
    hanging: [INDENT, ...(line.hanging ?? [])],
    ...(line.verbatim ? { verbatim: true } : {}),
  };
}

/** Words that stand by themselves between blocks. */
export function noticeBlock(
  tone: "quiet" | "warn" | "bad",
  message: string,
  code: string | null,
): StyledLine[] {
  const ink = tone === "quiet" ? "muted" : tone;
  const sign = tone === "quiet" ? "· " : "! ";
  const lines = safeLines(message).map((line, at) => ({
    ...lineOf(`${at === 0 ? sign : "  "}${line}`, { ink }),
    hanging: [INDENT],
  }));
  const last = lines.at(-1);
  if (code === null || last === undefined) return lines;
  return [
    ...lines.slice(0, -1),
    { ...last, spans: [...last.spans, { text: ` [${safeLine(code)}]`, ink: "muted" }] },
  ];
}
