import type { LineEdit } from "./edits.ts";
import { LineMatcher, type Match, type MatchStep } from "./match.ts";
import { findNearest, formatNearest } from "./nearest.ts";
import type { Chunk, ChunkLine } from "./patch.ts";
import { failure, type PatchError, type PatchResult } from "./patch-error.ts";
import { type TextFile, toFileCharacters } from "./text-file.ts";

/** Where one chunk was found. */
export interface ChunkMatch {
  /** 1-based line of the old file where the removed and kept lines begin, or before which lines were added. */
  readonly line: number;
  /** How the removed and kept lines were found; for a chunk that only adds, how its `@@` text was found. */
  readonly step: MatchStep;
  /** The loosest step that an `@@` text needed. */
  readonly contextStep?: MatchStep;
}

interface Located {
  readonly match: ChunkMatch;
  readonly edits: readonly LineEdit[];
  /** Where the search for the next chunk begins. */
  readonly next: number;
}

interface Request {
  readonly matcher: LineMatcher;
  readonly chunk: Chunk;
  readonly from: number;
  /** Names the file in error messages. */
  readonly shownPath: string;
}

/** Finds every chunk of one file, each below the one before it. Edits are ascending. */
export function locateChunks(
  file: TextFile,
  chunks: readonly Chunk[],
  shownPath: string,
): PatchResult<{ readonly edits: readonly LineEdit[]; readonly matches: readonly ChunkMatch[] }> {
  const matcher = new LineMatcher(file);
  const edits: LineEdit[] = [];
  const matches: ChunkMatch[] = [];
  let from = 0;
  for (const [chunkIndex, chunk] of chunks.entries()) {
    const found = locateChunk({ matcher, chunk, from, shownPath });
    if (!found.ok) return failure({ ...found.error, chunkIndex, line: chunk.line });
    for (const edit of found.edits) edits.push(edit);
    matches.push(found.match);
    from = found.next;
  }
  // Lines added at the end of the file may precede chunks that are found further up.
  edits.sort((a, b) => a.start - b.start);
  return { ok: true, edits, matches };
}

function locateChunk(request: Request): PatchResult<Located> {
  const { matcher, chunk } = request;
  const context = locateContexts(request);
  if (!context.ok) return context;
  const old = oldLines(chunk.lines);
  if (old.length === 0) return locateAddition(request, context);
  const { from, step: contextStep } = context;
  const options = { atEnd: chunk.endOfFile };
  let lines = chunk.lines;
  let match: Match | undefined = matcher.find(old, from, options);
  if (match === undefined && old[old.length - 1] === "") {
    lines = withoutTrailingBlank(chunk.lines);
    if (oldLines(lines).length === 0) return locateBlankOnly(request, context, lines);
    match = matcher.find(oldLines(lines), from, options);
  }
  // The line named after @@ is often repeated as the first kept line.
  if (match === undefined && context.named && !chunk.endOfFile) {
    lines = chunk.lines;
    match = matcher.findAt(old, from - 1);
  }
  if (match === undefined) return linesNotFound(request, old);
  const found = { line: match.start + 1, step: match.step };
  return {
    ok: true,
    match: contextStep === undefined ? found : { ...found, contextStep },
    edits: editsOf(matcher.file, lines, match.start),
    next: match.start + oldLines(lines).length,
  };
}

interface ContextPlace {
  readonly from: number;
  readonly step?: MatchStep;
  /** Whether a line of the file was found for the last `@@` text. */
  readonly named: boolean;
}

const LOOSENESS: readonly MatchStep[] = ["exact", "trim_end", "trim", "punctuation"];
const UNIFIED_HEADER = /^-\d+(?:,\d+)? \+\d+(?:,\d+)? @@(?: (.*))?$/;

function locateContexts({ matcher, chunk, from, shownPath }: Request): PatchResult<ContextPlace> {
  let place: { from: number; step?: MatchStep; named: boolean } = { from, named: false };
  for (const text of chunk.contexts) {
    const match = findContext(matcher, text, place.from);
    if (match === "skip") continue;
    if (match === undefined) {
      const old = oldLines(chunk.lines);
      return failure(
        notFound(`Failed to find context '${text}' in ${shownPath}`, { matcher, chunk, from, shownPath }, [
          text,
          ...old,
        ]),
      );
    }
    const step = LOOSENESS[Math.max(LOOSENESS.indexOf(match.step), LOOSENESS.indexOf(place.step ?? "exact"))];
    place = { from: match.start + 1, named: true, ...(step === undefined ? {} : { step }) };
  }
  return { ok: true, ...place };
}

/** `skip`: the text is a unified diff header, which says nothing that can be relied on. */
function findContext(matcher: LineMatcher, text: string, from: number): Match | "skip" | undefined {
  const match = matcher.find([text], from);
  if (match !== undefined) return match;
  const unified = UNIFIED_HEADER.exec(text);
  if (unified !== null) {
    const heading = unified[1] ?? "";
    return (heading === "" ? undefined : matcher.find([heading], from)) ?? "skip";
  }
  return text.endsWith(" @@") ? matcher.find([text.slice(0, -3)], from) : undefined;
}

/** A chunk that only adds: below its `@@` line, or at the end of the file. */
function locateAddition(request: Request, context: ContextPlace): PatchResult<Located> {
  const { matcher, chunk, shownPath } = request;
  const skipped = !context.named && chunk.contexts.length > 0;
  if (skipped) {
    const wanted = `the place for added lines under '@@ ${chunk.contexts.join(" ")}'`;
    const advice = "Line numbers are not used; add a line of context that is in the file.";
    return failure({
      code: "context_not_found",
      message: `Failed to find ${wanted} in ${shownPath}\n${advice}`,
    });
  }
  const below = context.named && !chunk.endOfFile;
  const start = below ? context.from : matcher.file.lines.length;
  const step = context.step ?? "exact";
  const match: ChunkMatch =
    context.step === undefined ? { line: start + 1, step } : { line: start + 1, step, contextStep: step };
  return { ok: true, match, edits: editsOf(matcher.file, chunk.lines, start), next: context.from };
}

/** Only blank lines were looked for and they are not there; they were most likely padding. */
function locateBlankOnly(
  request: Request,
  context: ContextPlace,
  lines: readonly ChunkLine[],
): PatchResult<Located> {
  const { matcher, chunk } = request;
  const harmless = lines.length === 0 || context.named || matcher.file.lines.length === 0;
  if (!harmless) return linesNotFound(request, oldLines(chunk.lines));
  return locateAddition({ ...request, chunk: { ...chunk, lines } }, context);
}

function linesNotFound(request: Request, old: readonly string[]): PatchResult<Located> {
  const sentence = `Failed to find expected lines in ${request.shownPath}:\n${old.join("\n")}`;
  return failure(notFound(sentence, request, old));
}

function notFound(sentence: string, request: Request, wanted: readonly string[]): PatchError {
  const { matcher, chunk, from } = request;
  const old = oldLines(chunk.lines);
  const elsewhere = old.length === 0 ? undefined : matcher.find(old, 0);
  const nearest = findNearest(matcher.file, elsewhere === undefined ? wanted : old, elsewhere?.start);
  const shown = nearest === undefined ? "No line of the file looks like them." : formatNearest(nearest);
  const place = `This is the chunk on line ${chunk.line} of the patch, searched from line ${from + 1} of the file.`;
  const message = [sentence, "", place, shown, adviceFor(chunk, elsewhere)].join("\n");
  return { code: "context_not_found", message, ...(nearest === undefined ? {} : { nearest }) };
}

/** `elsewhere`: the lines are in the file, only not where the chunk may look. */
function adviceFor(chunk: Chunk, elsewhere: Match | undefined): string {
  if (elsewhere === undefined) return "Read the file again and copy the lines exactly, or add more context.";
  const where = `The lines of the chunk are in the file at line ${elsewhere.start + 1}`;
  if (chunk.endOfFile) return `${where}, but not at its end: leave out '*** End of File'.`;
  return `${where}: put chunks in the order of the file and give an '@@' line that stands above them.`;
}

function oldLines(lines: readonly ChunkLine[]): string[] {
  return lines.filter((line) => line.op !== "+").map((line) => line.text);
}

/** Without the blank last line of the old text, and without the blank last line of the new text. */
function withoutTrailingBlank(lines: readonly ChunkLine[]): ChunkLine[] {
  const shorter = [...lines];
  const lastOld = shorter.findLastIndex((line) => line.op !== "+");
  if (shorter[lastOld]?.op === "-") shorter.splice(lastOld, 1);
  else shorter[lastOld] = { op: "+", text: "" };
  const lastNew = shorter.findLastIndex((line) => line.op !== "-");
  const line = shorter[lastNew];
  if (line?.text !== "") return shorter;
  if (line.op === "+") shorter.splice(lastNew, 1);
  else shorter[lastNew] = { op: "-", text: "" };
  return shorter;
}

/** Kept lines stay as the file has them, whatever the patch says about their white space. */
function editsOf(file: TextFile, lines: readonly ChunkLine[], start: number): LineEdit[] {
  const edits: LineEdit[] = [];
  let line = start;
  let open: { start: number; removed: number; inserted: string[] } | undefined;
  for (const { op, text } of lines) {
    if (op === " ") {
      line += 1;
      open = undefined;
      continue;
    }
    if (open === undefined) {
      open = { start: line, removed: 0, inserted: [] };
      edits.push(open);
    }
    if (op === "+") open.inserted.push(toFileCharacters(file, text));
    else {
      open.removed += 1;
      line += 1;
    }
  }
  return edits;
}
