import { trim, trimEnd } from "./whitespace.ts";

/** A file that a patch text names, as written there. */
export interface AffectedPath {
  readonly kind: "add" | "delete" | "update";
  readonly path: string;
  readonly movePath?: string;
}

const HEADERS = [
  { kind: "add", prefix: "*** Add File: " },
  { kind: "delete", prefix: "*** Delete File: " },
  { kind: "update", prefix: "*** Update File: " },
] as const;
const MOVE = "*** Move to: ";

/**
 * Lists the files that a patch names, in order, without touching the disk. Made for text that is still arriving:
 * a last line without a line feed may be cut and is left out. It accepts damaged patches too, so the list is for
 * display and for approval texts; what is written is decided by `planPatch`.
 */
export function affectedPaths(patchText: string): AffectedPath[] {
  const found: AffectedPath[] = [];
  // A header may be indented except inside a chunk, where a leading space means a kept line.
  let inChunk = false;
  for (const raw of completeLines(patchText)) {
    const line: string = inChunk ? trimEnd(raw) : trim(raw);
    const header = HEADERS.find(({ prefix }) => line.startsWith(prefix));
    if (header !== undefined) {
      found.push({ kind: header.kind, path: line.slice(header.prefix.length) });
      inChunk = header.kind === "update";
    } else if (inChunk && line.startsWith(MOVE)) {
      const last = found.pop();
      if (last !== undefined) found.push({ ...last, movePath: line.slice(MOVE.length) });
    }
  }
  return found;
}

function completeLines(text: string): string[] {
  const lines = text.split("\n");
  lines.pop();
  return lines;
}
