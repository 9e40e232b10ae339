/** Where a memory comes from: the user's own words, what the harness saw, or what the agent concluded. */
export type Provenance = "user" | "observed" | "agent";

/** One memory, as its file holds it. */
export interface MemoryContent {
  text: string;
  provenance: Provenance;
  /** The thread that it comes from; null where a person wrote it. */
  threadId: string | null;
  createdMs: number | null;
  /** The user's words that it rests on. */
  quote: string | null;
}

const RULE = "---";
/** Bytes of the text of one memory. */
export const MOST_MEMORY_BYTES = 500;

/** The file of a memory: a header of `name: value` lines between two rules, then the text. */
export function renderMemory({ text, provenance, threadId, createdMs, quote }: MemoryContent): string {
  const header = [
    `provenance: ${provenance}`,
    ...(threadId === null ? [] : [`thread: ${threadId}`]),
    ...(createdMs === null ? [] : [`created: ${new Date(createdMs).toISOString()}`]),
    ...(quote === null ? [] : [`quote: ${oneLine(quote)}`]),
  ];
  return `${RULE}\n${header.join("\n")}\n${RULE}\n${text.trim()}\n`;
}

/**
 * Reads a file of a memory, however a person has changed it. Without a header a person wrote all of it. Null when there is
 * no text.
 */
export function parseMemory(file: string): MemoryContent | null {
  const lines = file.replace(/^\uFEFF/, "").split(/\r?\n/);
  const end = lines[0]?.trim() === RULE ? lines.findIndex((line, at) => at > 0 && line.trim() === RULE) : -1;
  const fields = new Map<string, string>();
  for (const line of end === -1 ? [] : lines.slice(1, end)) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  const text = lines
    .slice(end + 1)
    .join("\n")
    .trim();
  if (text === "") return null;
  const created = Date.parse(fields.get("created") ?? "");
  return {
    text,
    provenance: provenanceOf(fields.get("provenance")),
    threadId: fields.get("thread") ?? null,
    createdMs: Number.isNaN(created) ? null : created,
    quote: fields.get("quote") ?? null,
  };
}

/** A person need not know the words: what is not marked as ours is the person's. */
function provenanceOf(word: string | undefined): Provenance {
  return word === "observed" || word === "agent" ? word : "user";
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
