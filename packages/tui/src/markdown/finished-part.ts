/** Where streamed Markdown can be cut: what stands before the cut can no longer change its meaning. */
export interface MarkdownCut {
  /** The part that is finished, with the blank line after it; empty when nothing is yet. */
  readonly finished: string;
  readonly rest: string;
  /** The opening line of a code block that `rest` begins within, such as "```ts". */
  readonly fence: string | null;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/**
 * Cuts streamed Markdown after the last whole block. Inside a code block every whole line is finished. A list or a
 * quotation may go on after a blank line, so the cut is made only where the next line begins at the margin with text.
 * `fence` is the opening line of the code block that `text` begins within, as the cut before gave it.
 */
export function cutMarkdown(text: string, fence: string | null): MarkdownCut {
  let open = fence;
  let cut = 0;
  let cutFence = fence;
  let at = 0;
  let afterBlank = false;
  for (;;) {
    const end = text.indexOf("\n", at);
    if (end === -1) break;
    const line = text.slice(at, end);
    const next = end + 1;
    const marker = FENCE.exec(line)?.[1];
    if (open !== null) {
      if (marker !== undefined && closes(line, marker, open)) open = null;
      cut = next;
      cutFence = open;
    } else {
      if (afterBlank && beginsBlock(line)) {
        cut = at;
        cutFence = null;
      }
      if (marker !== undefined) open = line;
      afterBlank = line.trim() === "";
      if (open !== null) {
        cut = next;
        cutFence = open;
      }
    }
    at = next;
  }
  return { finished: text.slice(0, cut), rest: text.slice(cut), fence: cutFence };
}

function closes(line: string, marker: string, open: string): boolean {
  const opening = FENCE.exec(open)?.[1] ?? "";
  return marker[0] === opening[0] && marker.length >= opening.length && line.trim() === marker;
}

/** A line that cannot belong to the block before the blank line above it. */
function beginsBlock(line: string): boolean {
  return /^\S/.test(line) && !/^(?:[-*+>]|\d{1,9}[.)])(?:\s|$)/.test(line);
}
