/** One file before and after a change. Null: there was, or is, no file; or it is no text. `path` is absolute and real. */
export interface ChangedText {
  path: string;
  before: string | null;
  after: string | null;
}

export interface AddedLine {
  path: string;
  /** From one, in the file as it is after the change. */
  line: number;
  text: string;
}

/**
 * The lines that changes added. A line that was only moved, within a file or from one to another, is not new: as often as
 * the same text was removed somewhere, it may appear.
 */
export function addedLines(changes: readonly ChangedText[]): AddedLine[] {
  const removed = new Map<string, number>();
  const added: AddedLine[] = [];
  for (const { path, before, after } of changes) {
    const left = new Map<string, number>();
    for (const text of linesOf(before)) count(left, text.trim(), 1);
    for (const [index, text] of linesOf(after).entries()) {
      const key = text.trim();
      if (key === "") continue;
      if ((left.get(key) ?? 0) > 0) count(left, key, -1);
      else added.push({ path, line: index + 1, text });
    }
    for (const [text, times] of left) if (times > 0) count(removed, text, times);
  }
  return added.filter(({ text }) => {
    const key = text.trim();
    if ((removed.get(key) ?? 0) <= 0) return true;
    count(removed, key, -1);
    return false;
  });
}

export function linesOf(text: string | null): string[] {
  return text === null || text === "" ? [] : text.split(/\r?\n/);
}

function count(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
