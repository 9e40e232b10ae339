import type { ExplainedRequest, ThreadExplanation } from "@quire/core/explain";
import { type Cost, groupedDigits, visibleLine } from "@quire/protocol";
import { type Column, textTable } from "./text-table.ts";

const RECENT_REQUESTS = 20;
const COMMAND_WIDTH = 60;

/** The explanation for people, ending with a line break. */
export function explanationText(threadId: string, explanation: ThreadExplanation): string {
  const { requests, usage, cost } = explanation;
  if (requests.length === 0) return `Thread ${threadId} has made no request yet.\n`;
  const blocks = [
    [
      `Thread ${threadId}: ${counted(requests.length, "request")}, ${groupedDigits(usage.input_tokens)} tokens in (${groupedDigits(usage.cached_input_tokens)} cached), ${groupedDigits(usage.output_tokens)} out, ${moneyText(cost)}`,
    ],
    sourceLines(explanation),
    requestLines(requests),
    missLines(requests),
    outputLines(explanation),
    [nextText(explanation).trimEnd()],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

export function nextText({ next }: ThreadExplanation): string {
  if (next === null)
    return "What the next request would take cannot be said: the log holds no request of this version.\n";
  const { model, input, cached, cost } = next;
  return `Next request: about ${groupedDigits(input)} tokens in, ${groupedDigits(cached)} of them from the cache if it still holds them, ${moneyText(cost)} with ${visibleLine(model)}; what you write and the answer come on top.\n`;
}

function sourceLines({ sources, usage, output }: ThreadExplanation): string[] {
  const part = (tokens: number, of: number) => (of === 0 ? "" : `${((100 * tokens) / of).toFixed(1)} %`);
  const columns: Column[] = [
    { title: "where input came from", align: "left" },
    { title: "tokens", align: "right" },
    { title: "share", align: "right" },
  ];
  const rows = sources.map(({ source, tokens }) => [
    visibleLine(source),
    groupedDigits(tokens),
    part(tokens, usage.input_tokens),
  ]);
  const said = [
    ["output: reasoning", groupedDigits(output.reasoning), part(output.reasoning, usage.output_tokens)],
    ["output: answers and calls", groupedDigits(output.answers), part(output.answers, usage.output_tokens)],
  ];
  return textTable(columns, [...rows, ...said]);
}

function requestLines(requests: readonly ExplainedRequest[]): string[] {
  const shown = requests.slice(-RECENT_REQUESTS);
  const columns: Column[] = [
    { title: "request", align: "right" },
    { title: "input", align: "right" },
    { title: "cached", align: "right" },
    { title: "output", align: "right" },
    { title: "US$", align: "right" },
    { title: "bytes", align: "right" },
    { title: "continues the one before", align: "left" },
  ];
  const first = requests.length - shown.length;
  const rows = shown.map((request, index) => [
    String(first + index + 1),
    groupedDigits(request.usage.input_tokens),
    groupedDigits(request.usage.cached_input_tokens),
    groupedDigits(request.usage.output_tokens),
    request.cost?.kind === "known" ? request.cost.usd.toFixed(4) : "unknown",
    request.bytes === null ? "?" : groupedDigits(request.bytes),
    continuation(request, first + index),
  ]);
  const cut = first > 0 ? [`(the last ${shown.length} of ${requests.length}; --json has all)`] : [];
  return [...textTable(columns, rows), ...cut];
}

function continuation({ purpose, bytes, broken }: ExplainedRequest, index: number): string {
  if (purpose !== "turn") return visibleLine(purpose);
  if (bytes === null) return "not in the log";
  if (broken !== null) return `no, from byte ${groupedDigits(broken.byte)}`;
  return index === 0 ? "" : "yes";
}

/** What was sent again and not found in the cache, and why as far as the bytes tell. */
function missLines(requests: readonly ExplainedRequest[]): string[] {
  return requests.flatMap(({ broken, missedTokens, missUsd }, index) => {
    if (broken === null && missedTokens === 0) return [];
    const why =
      broken === null
        ? "the bytes continue those of the request before, so the endpoint's cache had let go of them, or keeps none"
        : `${visibleLine(broken.what)} differs from byte ${groupedDigits(broken.byte)} of ${groupedDigits(broken.of)} on`;
    const missed =
      missedTokens === 0
        ? "nothing was lost by it"
        : `${groupedDigits(missedTokens)} tokens were not cached${missUsd === null ? "; what that cost is unknown" : `, which cost $${missUsd.toFixed(4)} more than a hit`}`;
    return [`Request ${index + 1}: ${why}; ${missed}.`];
  });
}

function outputLines({ outputs }: ThreadExplanation): string[] {
  if (outputs.length === 0) return [];
  const columns: Column[] = [
    { title: "largest outputs", align: "left" },
    { title: "tokens", align: "right" },
    { title: "sent", align: "right" },
    { title: "in all", align: "right" },
  ];
  return textTable(
    columns,
    outputs.map(({ what, tokens, requests }) => [
      shortened(what),
      groupedDigits(tokens),
      `${groupedDigits(requests)} ×`,
      groupedDigits(tokens * requests),
    ]),
  );
}

function shortened(text: string): string {
  const [line = "", ...rest] = text.split("\n");
  const shown = visibleLine(line);
  return shown.length > COMMAND_WIDTH || rest.length > 0 ? `${shown.slice(0, COMMAND_WIDTH)}…` : shown;
}

function moneyText(cost: Cost | null): string {
  if (cost === null) return "no cost";
  return cost.kind === "known" ? `$${cost.usd.toFixed(4)}` : `cost unknown (${visibleLine(cost.reason)})`;
}

function counted(count: number, word: string): string {
  return `${groupedDigits(count)} ${word}${count === 1 ? "" : "s"}`;
}
