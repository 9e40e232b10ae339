/** Where in streamed Markdown one stands: what the unfinished part is made of, as far as it was looked at. */
export interface MarkdownPlace {
  /** The opening line of the code block that the unfinished part begins within, such as "```ts". */
  readonly fence: string | null;
  /** The unfinished part goes on with a list whose points before it are finished: no blank line belongs between. */
  readonly isJoined: boolean;
  /** Characters of the unfinished part that were looked at. */
  readonly seen: number;
  /** The last line that was looked at was blank. */
  readonly afterBlank: boolean;
  /** The marker of the last point, where the unfinished part is a list: "-", its number, or `MIXED`. */
  readonly point: string | null;
}

export const MARKDOWN_BEGIN: MarkdownPlace = {
  fence: null,
  isJoined: false,
  seen: 0,
  afterBlank: true,
  point: null,
};

/** Where streamed Markdown can be cut: what stands before the cut can no longer change its meaning. */
export interface MarkdownCut {
  /** The part that is finished, with the blank line after it; empty when nothing is yet. */
  readonly finished: string;
  readonly rest: string;
  /** Of `rest`. */
  readonly place: MarkdownPlace;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const POINT = /^(?:([-*+])|(\d{1,9})[.)])(?:\s|$)/;

/**
 * Cuts streamed Markdown after the last whole block. Inside a code block every whole line is finished, and a point of a
 * list is when the next one begins. Otherwise the cut is made where, after a blank line, a line begins at the margin with
 * text, since lists and quotations may go on after a blank line. `place` is what the cut before gave; each line is looked at
 * once, however long the block gets.
 */
export function cutMarkdown(text: string, place: MarkdownPlace): MarkdownCut {
  let { fence, isJoined, afterBlank, point } = place;
  let cut = 0;
  let at = place.seen;
  for (let end = text.indexOf("\n", at); end !== -1; end = text.indexOf("\n", at)) {
    const line = text.slice(at, end);
    const next = end + 1;
    const marker = FENCE.exec(line)?.[1];
    if (fence !== null) {
      if (marker !== undefined && closes(line, marker, fence)) fence = null;
      [cut, isJoined, afterBlank, point] = [next, false, false, null];
    } else if (marker !== undefined) {
      [cut, isJoined, afterBlank, point] = [next, false, false, null];
      fence = line;
    } else {
      const began = pointOf(line);
      if (began !== null && (point === null ? afterBlank : follows(point, began)))
        [cut, isJoined] = [at, point !== null && !afterBlank];
      else if (afterBlank && beginsBlock(line)) [cut, isJoined, point] = [at, false, null];
      if (began !== null) point = point === null || follows(point, began) ? began : MIXED;
      afterBlank = line.trim() === "";
    }
    at = next;
  }
  return {
    finished: text.slice(0, cut),
    rest: text.slice(cut),
    place: { fence, isJoined, seen: at - cut, afterBlank, point },
  };
}

function closes(line: string, marker: string, open: string): boolean {
  const opening = FENCE.exec(open)?.[1] ?? "";
  return marker[0] === opening[0] && marker.length >= opening.length && line.trim() === marker;
}

/** A line that cannot belong to the block before the blank line above it. */
function beginsBlock(line: string): boolean {
  return /^\S/.test(line) && line[0] !== ">" && pointOf(line) === null;
}

function pointOf(line: string): string | null {
  const match = POINT.exec(line);
  return match?.[1] ?? match?.[2] ?? null;
}

/** A list whose points stay together to its end. */
const MIXED = "mixed";

/** Points that all have the same number are counted by who draws them, so they have to stay together. */
function follows(before: string, next: string): boolean {
  return /\d/.test(before) ? Number(next) === Number(before) + 1 : next === before;
}
