/** Characters that are drawn of an unfinished block: many more than the rows that show it hold. */
const DRAWN = 6144;
/** The beginning of what is drawn moves by this much at a time, so that rows do not wander at each frame. */
const STRIDE = 2048;

const TABLE_HEAD = /^[^\n]*\|[^\n]*\n {0,3}\|?(?:\s*:?-+:?\s*\|)+\s*(?::?-+:?\s*)?\n/;

/**
 * The end of an unfinished block, which is all that is seen of it: drawing then costs the same however long it has grown.
 * A table keeps its head.
 */
export function liveTail(text: string): string {
  if (text.length <= DRAWN + STRIDE) return text;
  const from = Math.floor((text.length - DRAWN) / STRIDE) * STRIDE;
  const line = text.indexOf("\n", from);
  const isNear = (at: number) => at !== -1 && at < from + DRAWN / 2;
  const space = text.indexOf(" ", from);
  const start = isNear(line) ? line + 1 : isNear(space) ? space + 1 : afterPair(text, from);
  return `${TABLE_HEAD.exec(text.slice(0, STRIDE))?.[0] ?? ""}${text.slice(start)}`;
}

/** Not between the two halves of a character. */
function afterPair(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at + 1 : at;
}
