import { groupedDigits } from "@quire/protocol";
import type { WireItem } from "@quire/protocol/app-server";
import type { TimelineEntry } from "../state/thread-state.ts";
import { safeLine } from "../text/safe-text.ts";
import type { StyledLine } from "../text/styled-line.ts";
import { agentActivityBlock, agentCallBlock } from "./agents.ts";
import type { BlockView } from "./block-view.ts";
import { commandBlock } from "./command.ts";
import { fileChangeBlock } from "./file-change.ts";
import { detailLine, headingLine } from "./heading.ts";
import { answerBlock, noticeBlock, reasoningBlock, userMessageBlock } from "./message.ts";
import { planBlock, proposalBlock } from "./plan.ts";
import { imageBlock, mcpBlock, searchBlock, toolBlock } from "./tool-call.ts";
import { turnEndBlock } from "./turn-end.ts";

const SHOWN_UNKNOWN = 200;

/** One entry of the timeline as lines, without blank lines around it. Empty when there is nothing to show. */
export function entryBlock(entry: TimelineEntry, view: BlockView): StyledLine[] {
  switch (entry.kind) {
    case "item":
      return entry.item.type === "agentMessage"
        ? answerBlock(entry.item.text.slice(entry.shown), entry.fence, view)
        : itemBlock(entry.item, view);
    case "text":
      return answerBlock(entry.text, entry.fence, view);
    case "turnEnded":
      return turnEndBlock(entry.turn);
    case "notice":
      return noticeBlock(entry.tone, entry.message, entry.code);
  }
}

function itemBlock(item: Exclude<WireItem, { type: "agentMessage" }>, view: BlockView): StyledLine[] {
  switch (item.type) {
    case "userMessage":
      return userMessageBlock(item.content, view);
    case "reasoning":
      return reasoningBlock(item, view);
    case "plan":
      return item.steps === undefined
        ? proposalBlock(item.text, view)
        : planBlock(item.steps, item.explanation);
    case "commandExecution":
      return commandBlock(item, view);
    case "fileChange":
      return fileChangeBlock(item, view);
    case "mcpToolCall":
      return mcpBlock(item, view);
    case "dynamicToolCall":
      return toolBlock(item, view);
    case "webSearch":
      return searchBlock(item);
    case "imageView":
      return imageBlock(item, view);
    case "collabAgentToolCall":
      return agentCallBlock(item, view);
    case "subAgentActivity":
      return agentActivityBlock(item, view);
    case "approval":
      return approvalBlock(item);
    case "networkAccess":
      return networkBlock(item);
    case "enteredReviewMode":
      return [headingLine("plain", "Review", [{ text: safeLine(item.review), ink: "muted" }])];
    case "exitedReviewMode":
      return answerBlock(item.review, null, view);
    case "contextCompaction":
      return compactionBlock(item);
    case "ruleCheck":
      return ruleCheckBlock(item);
    case "warning":
      return noticeBlock("warn", item.message, item.code);
    default:
      return unknownBlock(item);
  }
}

/** Something of a newer server: said to be there, with what it says of itself, so that nothing is lost unseen. */
function unknownBlock(item: object): StyledLine[] {
  const { type, id: _id, ...rest }: { type?: unknown; id?: unknown } = item;
  const words = safeLine(JSON.stringify(rest));
  const shown =
    words === "{}" ? "" : ` ${words.length > SHOWN_UNKNOWN ? `${words.slice(0, SHOWN_UNKNOWN)}…` : words}`;
  return [
    headingLine("plain", safeLine(String(type)), [
      { text: `(this version does not know it)${shown}`, ink: "muted" },
    ]),
  ];
}

function compactionBlock(item: Extract<WireItem, { type: "contextCompaction" }>): StyledLine[] {
  const { tokensBefore, tokensAfter, compactor, error } = item;
  const before = `about ${groupedDigits(tokensBefore)} tokens`;
  const sizes =
    tokensAfter === null
      ? `${before}, unchanged`
      : `${before} are now ${groupedDigits(tokensAfter)}, summed up by ${safeLine(compactor)}`;
  const lines = [headingLine("plain", "Context compacted", [{ text: sizes, ink: "muted" }])];
  return error ? [...lines, ...noticeBlock("warn", error.message, error.code)] : lines;
}

const DECISIONS: Readonly<Record<string, string>> = {
  accept: "You allowed, once:",
  acceptForSession: "You allowed for this session:",
  acceptAndRemember: "You always allow:",
  declineAndRemember: "You always decline:",
  decline: "You declined:",
  cancel: "You declined and stopped:",
};

function approvalBlock(item: Extract<WireItem, { type: "approval" }>): StyledLine[] {
  const refused = ["decline", "declineAndRemember", "cancel"].includes(item.decision);
  const subject = item.savedPrefix === null ? item.subject : `${item.savedPrefix.join(" ")} …`;
  return [
    headingLine(refused ? "declined" : "plain", DECISIONS[item.decision] ?? item.decision, [
      { text: safeLine(subject), ink: "code" },
    ]),
    detailLine([{ text: `asked by: ${safeLine(item.decidedBy)}`, ink: "muted" }]),
  ];
}

function networkBlock(item: Extract<WireItem, { type: "networkAccess" }>): StyledLine[] {
  const place = `${item.host}${item.ports.length === 0 ? "" : `:${item.ports.join(",")}`}`;
  const isAllowed = item.verdict === "allow";
  return [
    headingLine(
      isAllowed ? "plain" : "declined",
      isAllowed ? "Reached" : "Not reached",
      [{ text: safeLine(place), ink: "code" }],
      item.count === 1 ? [] : [`${item.count} connections`],
    ),
    detailLine([{ text: safeLine(item.rule), ink: "muted" }]),
  ];
}

const RULE_HEADINGS = {
  passed: "Rules kept",
  failed: "Rules not kept",
  unchecked: "Rules not checked",
} as const;
const RULE_OUTCOMES = { passed: "good", failed: "bad", unchecked: "declined" } as const;

/** What was kept is only counted. */
function ruleCheckBlock(item: Extract<WireItem, { type: "ruleCheck" }>): StyledLine[] {
  const kept = item.checks.filter(({ outcome }) => outcome === "passed").length;
  return [
    headingLine(
      RULE_OUTCOMES[item.outcome],
      RULE_HEADINGS[item.outcome],
      [{ text: ` of AGENTS.md; ${kept} of ${item.checks.length} kept`, ink: "muted" }],
      item.handedBack ? ["the model was told"] : [],
    ),
    ...item.checks
      .filter(({ outcome }) => outcome !== "passed")
      .map(({ text, evidence }) => detailLine([{ text: safeLine(`${text} — ${evidence}`), ink: "muted" }])),
  ];
}

/** Whether a blank line belongs between two entries: parts of one answer are already spaced, a turn's figures stand close. */
export function isSetOff(before: TimelineEntry | null, entry: TimelineEntry): boolean {
  if (before === null) return false;
  if (entry.kind === "notice" && before.kind === "notice") return false;
  return entry.kind === "text" || entry.kind === "item" ? entry.fence === null && !entry.isJoined : true;
}
