import { isToolCall, messageText, type ResponseItem } from "@quire/protocol";
import { cutToBytes } from "./bytes.ts";
import type { Compactor, CompactorInput } from "./compactor.ts";

const SINCE = "### Since then";
const SAID_CHARACTERS = 600;

/**
 * Sums up without a model: what the agent said, what it called how often, and what was summed up before. Works offline,
 * gives the same words for the same history, and cannot fail. The facts beside it come from the thread's digest.
 */
export const extractCompactor: Compactor = {
  name: "extract",
  summarise: async (input) => ({ kind: "summary", text: extractSummary(input) }),
};

/** Words of a model or a person in an earlier summary stay; of what was extracted, the oldest lines go first. */
function extractSummary(
  input: Pick<CompactorInput, "leaving" | "earlier" | "instructions" | "maxBytes">,
): string {
  const { written, extracted } = splitEarlier(input.earlier);
  const heeded =
    input.instructions === null ? [] : [`- (the user wants heeded: ${oneLine(input.instructions)})`];
  const lines = [...extracted, ...heeded, ...saidLines(input.leaving)];
  const head = written === "" ? "" : `${cutToBytes(written, Math.floor(input.maxBytes * 0.6))}\n\n`;
  const room = input.maxBytes - Buffer.byteLength(head) - SINCE.length - 60;
  let from = lines.length;
  let bytes = 0;
  while (from > 0 && bytes + Buffer.byteLength(lines[from - 1] ?? "") + 1 <= room) {
    from -= 1;
    bytes += Buffer.byteLength(lines[from] ?? "") + 1;
  }
  const cut = from > 0 ? [`- (${from} older lines left out)`] : [];
  return `${head}${SINCE}\n${[...cut, ...lines.slice(from)].join("\n")}`;
}

function splitEarlier(earlier: string | null): { written: string; extracted: string[] } {
  if (earlier === null) return { written: "", extracted: [] };
  const at = earlier.startsWith(SINCE) ? 0 : earlier.indexOf(`\n${SINCE}\n`);
  if (at === -1) return { written: earlier.trim(), extracted: [] };
  const lines = earlier.slice(at).trim().split("\n").slice(1);
  return {
    written: earlier.slice(0, at).trim(),
    extracted: lines.filter((line) => line !== "" && !/^- \(\d+ older lines left out\)$/.test(line)),
  };
}

/** A line for each thing the agent said, with the calls that followed it. */
function saidLines(leaving: readonly ResponseItem[]): string[] {
  const lines: string[] = [];
  let calls = new Map<string, number>();
  const flush = () => {
    if (calls.size === 0) return;
    const counts = [...calls].map(([name, times]) => (times === 1 ? name : `${name} x${times}`));
    lines.push(`- called ${counts.join(", ")}`);
    calls = new Map();
  };
  for (const item of leaving) {
    if (isToolCall(item)) calls.set(item.name, (calls.get(item.name) ?? 0) + 1);
    if (item.type !== "message") continue;
    const text = oneLine(messageText(item));
    if (text === "" || item.role === "developer" || item.role === "system") continue;
    flush();
    lines.push(item.role === "assistant" ? `- you said: ${text}` : `- the user said: ${text}`);
  }
  flush();
  return lines;
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > SAID_CHARACTERS ? `${line.slice(0, SAID_CHARACTERS)}…` : line;
}
