import { type LineEnding, lineEnding, type TextFile } from "./text-file.ts";

/**
 * Replaces `removed` lines from the 0-based line `start` by `inserted`, in the characters of the file and without
 * line endings. With `removed` 0 the new lines go before line `start`.
 */
export interface LineEdit {
  readonly start: number;
  readonly removed: number;
  readonly inserted: readonly string[];
}

/** An edit with its endings decided: what disappears from the text and what takes its place. */
export interface TextEdit {
  /** 0-based lines of the old file. */
  readonly start: number;
  readonly end: number;
  /** New lines, each with its ending. */
  readonly lines: readonly string[];
}

/**
 * Decides how every new line ends: like the line it replaces, else like the one before it, else like the one
 * after. A file without a final line ending keeps that property, unless the patch replaces its last line by the
 * same text, which can only mean that the ending is wanted.
 * `edits` are ascending and do not overlap.
 */
export function resolveEndings(file: TextFile, edits: readonly LineEdit[]): TextEdit[] {
  const count = file.lines.length;
  const unterminated = count > 0 && lineEnding(file, count - 1) === "";
  return joinTouching(file, edits).map((edit) => {
    const { start, end, lines } = edit;
    if (!unterminated || end < count || lines.length === 0) return edit;
    const last = (lines[lines.length - 1] ?? "").replace(LINE_ENDING, "");
    // An empty line without ending would be no line at all.
    const wantsEnding = last === "" || (start < end && last === file.lines[count - 1]);
    const ended = wantsEnding ? lines : [...lines.slice(0, -1), last];
    if (start < end) return { start, end, lines: ended };
    const closed = (file.lines[count - 1] ?? "") + endingNear(file, count - 1);
    return { start: count - 1, end, lines: [closed, ...ended] };
  });
}

const LINE_ENDING = /(?:\r\n|\n|\r)$/;

function joinTouching(file: TextFile, edits: readonly LineEdit[]): TextEdit[] {
  const joined: { start: number; end: number; lines: string[] }[] = [];
  for (const edit of edits) {
    const lines = withEndings(file, edit);
    const end = edit.start + edit.removed;
    const previous = joined[joined.length - 1];
    if (previous?.end === edit.start) {
      previous.end = end;
      for (const line of lines) previous.lines.push(line);
    } else if (end > edit.start || lines.length > 0) joined.push({ start: edit.start, end, lines });
  }
  return joined;
}

function withEndings(file: TextFile, edit: LineEdit): string[] {
  let ending: LineEnding = endingNear(file, edit.start - 1);
  return edit.inserted.map((line, offset) => {
    if (offset < edit.removed) ending = lineEnding(file, edit.start + offset) || ending;
    return line + ending;
  });
}

/** The ending of this line, or of the nearest one that has any, looking up first. */
function endingNear(file: TextFile, index: number): LineEnding {
  return (
    lineEnding(file, index) ||
    lineEnding(file, index - 1) ||
    lineEnding(file, index + 1) ||
    lineEnding(file, 0) ||
    file.separator
  );
}

/** The text of the whole file after the edits, byte order mark included. */
export function applyEdits(file: TextFile, edits: readonly TextEdit[]): string {
  const pieces: string[] = [file.bom];
  let line = 0;
  for (const edit of edits) {
    pieces.push(file.text.slice(file.starts[line], file.starts[edit.start]), ...edit.lines);
    line = edit.end;
  }
  pieces.push(file.text.slice(file.starts[line]));
  return pieces.join("");
}
