import { type Cursor, marksNothing, parseChunks } from "./parse-chunks.ts";
import type { Patch, PatchSection } from "./patch.ts";
import { failure, type PatchError, type PatchResult } from "./patch-error.ts";
import { trim, trimEnd } from "./whitespace.ts";

const BEGIN = "*** Begin Patch";
const END = "*** End Patch";
const ADD = "*** Add File: ";
const DELETE = "*** Delete File: ";
const UPDATE = "*** Update File: ";
const MOVE = "*** Move to: ";
const ENVIRONMENT = "*** Environment ID:";
const VALID_HEADERS = [ADD, DELETE, UPDATE].map((header) => `'${header}{path}'`).join(", ");

/**
 * Reads a patch. White space around the whole text and around header lines is ignored, and the text may be wrapped
 * in a here-document (`<<'EOF'` … `EOF`, with or without `apply_patch` before it) or in a Markdown fence.
 * Never throws; the error is `bad_format` with the line of the trimmed text.
 */
export function parsePatch(text: string): PatchResult<{ readonly patch: Patch }> {
  const lines = unwrap(splitPatchLines(text));
  const isEmpty = lines.length === 1 && lines[0] === "";
  if (!isEmpty && trim(lines[0] ?? "") !== BEGIN) {
    return boundaryError(`The first line of the patch must be '${BEGIN}'`, 1, lines[0] ?? "");
  }
  const last = lastLine(lines);
  if (last === 0 || trim(lines[last] ?? "") !== END) {
    return boundaryError(`The last line of the patch must be '${END}'`, last + 1, lines[last] ?? "");
  }
  return parseBody(lines, last);
}

/** The lines of a patch text, without the white space around it and without line endings. */
function splitPatchLines(text: string): string[] {
  const bare = text.startsWith("\ufeff") ? text.slice(1) : text;
  return trim(bare)
    .split("\n")
    .map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

/** An end marker that is sent twice is one end. */
function lastLine(lines: readonly string[]): number {
  let last = lines.length - 1;
  if (trim(lines[last] ?? "") !== END) return last;
  for (let line = last - 1; line > 0; line -= 1) {
    const text = trim(lines[line] ?? "");
    if (text === END) last = line;
    else if (text !== "") break;
  }
  return last;
}

const HEREDOC_START = /^(?:(?:apply_patch|applypatch)\s+)?<<-?\s*(?:'(\w+)'|"(\w+)"|(\w+))$/;
const FENCE_START = /^(`{3,}|~{3,})\s*\w*$/;

function unwrap(lines: string[]): string[] {
  if (lines.length < 4) return lines;
  const first = trim(lines[0] ?? "");
  const last = trim(lines[lines.length - 1] ?? "");
  const heredoc = HEREDOC_START.exec(first);
  const word = heredoc?.[1] ?? heredoc?.[2] ?? heredoc?.[3];
  const fence = FENCE_START.exec(first)?.[1];
  const wrapped = (word !== undefined && last.endsWith(word)) || (fence !== undefined && last === fence);
  return wrapped ? splitPatchLines(lines.slice(1, -1).join("\n")) : lines;
}

function boundaryError(sentence: string, line: number, got: string): { ok: false; error: PatchError } {
  const seen = got === "" ? "nothing" : `'${got.slice(0, 120)}'`;
  return failure({
    code: "bad_format",
    message: `Invalid patch: ${sentence}\nLine ${line} is ${seen}. Send the whole patch again, from '${BEGIN}' to '${END}'.`,
    line,
  });
}

/** The error for a line inside the patch that breaks the format. */
function formatError(sentence: string, line: number): { ok: false; error: PatchError } {
  return failure({ code: "bad_format", message: `Invalid patch hunk on line ${line}: ${sentence}`, line });
}

function parseBody(lines: readonly string[], last: number): PatchResult<{ readonly patch: Patch }> {
  const cursor: Cursor = { lines, end: last, at: 1 };
  const environment = parseEnvironment(cursor);
  if (!environment.ok) return environment;
  const sections: PatchSection[] = [];
  while (cursor.at < last) {
    if (trim(lines[cursor.at] ?? "") === "") {
      cursor.at += 1;
      continue;
    }
    const section = parseSection(cursor);
    if (!section.ok) return section;
    sections.push(section.section);
  }
  const id = environment.id;
  return { ok: true, patch: id === undefined ? { sections } : { sections, environmentId: id } };
}

function parseEnvironment(cursor: Cursor): PatchResult<{ readonly id?: string }> {
  let id: string | undefined;
  for (; cursor.at < cursor.end; cursor.at += 1) {
    const line = trim(cursor.lines[cursor.at] ?? "");
    if (!line.startsWith(ENVIRONMENT)) break;
    const value = trim(line.slice(ENVIRONMENT.length));
    const fault =
      value === "" ? "cannot be empty" : id === undefined ? undefined : "cannot be specified more than once";
    if (fault !== undefined) {
      const message = `Invalid patch: apply_patch environment_id ${fault}`;
      return failure({ code: "bad_format", message, line: cursor.at + 1 });
    }
    id = value;
  }
  return id === undefined ? { ok: true } : { ok: true, id };
}

function parseSection(cursor: Cursor): PatchResult<{ readonly section: PatchSection }> {
  const header = trim(cursor.lines[cursor.at] ?? "");
  const line = cursor.at + 1;
  if (header.startsWith(ADD)) return { ok: true, section: parseAdd(cursor, header.slice(ADD.length)) };
  if (header.startsWith(DELETE)) {
    cursor.at += 1;
    return { ok: true, section: { kind: "delete", path: header.slice(DELETE.length), line } };
  }
  if (header.startsWith(UPDATE)) return parseUpdate(cursor, header.slice(UPDATE.length));
  if (header === END) {
    return boundaryError(`The last line of the patch must be '${END}'`, line + 1, cursor.lines[line] ?? "");
  }
  const previous = cursor.lines[cursor.at - 1] ?? "";
  const inAddedFile = !header.startsWith("***") && (previous.startsWith("+") || trim(previous) === "");
  const hint = inAddedFile ? "\nEvery line of an added file, also an empty one, starts with '+'." : "";
  return formatError(
    `'${header}' is not a valid hunk header. Valid hunk headers: ${VALID_HEADERS}${hint}`,
    line,
  );
}

function parseAdd(cursor: Cursor, path: string): PatchSection {
  const line = cursor.at + 1;
  const lines: string[] = [];
  cursor.at += 1;
  for (; cursor.at < cursor.end; cursor.at += 1) {
    const text = cursor.lines[cursor.at] ?? "";
    if (!text.startsWith("+")) break;
    lines.push(text.slice(1));
  }
  return { kind: "add", path, lines, line };
}

function parseUpdate(cursor: Cursor, path: string): PatchResult<{ readonly section: PatchSection }> {
  const line = cursor.at + 1;
  do cursor.at += 1;
  while (cursor.at < cursor.end && marksNothing(cursor.lines[cursor.at] ?? ""));
  const next = trimEnd(cursor.lines[cursor.at] ?? "");
  const movePath = cursor.at < cursor.end && next.startsWith(MOVE) ? next.slice(MOVE.length) : undefined;
  if (movePath !== undefined) cursor.at += 1;
  const parsed = parseChunks(cursor);
  if (!parsed.ok) return parsed;
  const { chunks } = parsed;
  if (chunks.length === 0) return formatError(`Update file hunk for path '${path}' is empty`, line);
  const section = { kind: "update", path, chunks, line } as const;
  return { ok: true, section: movePath === undefined ? section : { ...section, movePath } };
}
