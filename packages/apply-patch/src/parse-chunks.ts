import type { Chunk, ChunkLine } from "./patch.ts";
import { failure, type PatchResult } from "./patch-error.ts";
import { trim, trimEnd } from "./whitespace.ts";

/** A position in the lines of a patch; `end` is the line of the end marker. */
export interface Cursor {
  readonly lines: readonly string[];
  readonly end: number;
  at: number;
}

const END_OF_FILE = "*** End of File";
const SECTION_HEADER = /^\*\*\* (?:(?:Add|Delete|Update) File: |End Patch\s*$)/;

/** An empty line or an end-of-file mark where no chunk has begun. */
export function marksNothing(line: string): boolean {
  return line === "" || trimEnd(line) === END_OF_FILE;
}

/** Reads the chunks of one updated file and stops at the next section. */
export function parseChunks(cursor: Cursor): PatchResult<{ readonly chunks: Chunk[] }> {
  const chunks: Chunk[] = [];
  while (cursor.at < cursor.end) {
    const line = cursor.lines[cursor.at] ?? "";
    // Before the first chunk a line of spaces is a kept blank line.
    const first = chunks.length === 0;
    if (first ? marksNothing(line) : trim(line) === "") {
      cursor.at += 1;
      continue;
    }
    if (SECTION_HEADER.test(line)) break;
    const parsed = parseChunk(cursor, first);
    if (!parsed.ok) return parsed;
    chunks.push(parsed.chunk);
  }
  return { ok: true, chunks };
}

function parseChunk(cursor: Cursor, first: boolean): PatchResult<{ readonly chunk: Chunk }> {
  const line = cursor.at + 1;
  const { contexts, markers } = parseMarkers(cursor);
  if (markers === 0 && !first) {
    const got = cursor.lines[cursor.at] ?? "";
    return invalid(`Expected update hunk to start with a @@ context marker, got: '${got}'`, line);
  }
  const lines: ChunkLine[] = [];
  for (; cursor.at < cursor.end; cursor.at += 1) {
    const text = cursor.lines[cursor.at] ?? "";
    if (trimEnd(text) === END_OF_FILE) {
      if (lines.length === 0) break;
      cursor.at += 1;
      return { ok: true, chunk: { contexts, lines, endOfFile: true, line } };
    }
    const parsed = parseChunkLine(text);
    if (parsed === undefined) break;
    lines.push(parsed);
  }
  if (lines.length === 0) return emptyChunk(cursor);
  return { ok: true, chunk: { contexts, lines, endOfFile: false, line } };
}

function parseMarkers(cursor: Cursor): { contexts: string[]; markers: number } {
  const contexts: string[] = [];
  let markers = 0;
  for (; cursor.at < cursor.end; cursor.at += 1) {
    const line = trimEnd(cursor.lines[cursor.at] ?? "");
    if (line !== "@@" && !line.startsWith("@@ ")) break;
    markers += 1;
    if (line !== "@@") contexts.push(line.slice(3));
  }
  return { contexts, markers };
}

function parseChunkLine(text: string): ChunkLine | undefined {
  const op = text.charAt(0);
  // A kept empty line often loses its leading space on the way.
  if (op === "") return { op: " ", text: "" };
  if (op === " " || op === "-" || op === "+") return { op, text: text.slice(1) };
  return undefined;
}

function emptyChunk(cursor: Cursor): ReturnType<typeof failure> {
  const got = cursor.lines[cursor.at] ?? "";
  const line = cursor.at + 1;
  if (cursor.at >= cursor.end || /^\*\*\* End (?:of File|Patch)$/.test(trimEnd(got))) {
    return invalid("Update hunk does not contain any lines", line);
  }
  return invalid(
    `Unexpected line found in update hunk: '${got}'. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)`,
    line,
  );
}

function invalid(sentence: string, line: number): ReturnType<typeof failure> {
  return failure({ code: "bad_format", message: `Invalid patch hunk on line ${line}: ${sentence}`, line });
}
