import type { Hunk, ParsedDiff } from "./parsed-diff.ts";

/** A piece of the newest version: lines of the oldest one that are still there, or a line that came since. */
type Piece = { old: true; start: number; count: number } | { old: false; text: string };

/** Old lines that went and new ones that came in their place. */
interface Block {
  start: number;
  removed: string[];
  added: string[];
}

const CONTEXT = 3;

/** Diffs of one file that follow each other, joined to one from the first version to the last. */
export class FileChain {
  readonly #first: ParsedDiff;
  #last: ParsedDiff;
  #pieces: Piece[];
  /** Lines of the oldest version, as far as some diff showed them. */
  readonly #oldLines = new Map<number, string>();

  constructor(first: ParsedDiff) {
    this.#first = first;
    this.#last = first;
    this.#pieces = first.existed ? [{ old: true, start: 0, count: Number.POSITIVE_INFINITY }] : [];
    this.add(first);
  }

  /** False when the diff does not fit what came before; then the chain is of no use any more. */
  add(diff: ParsedDiff): boolean {
    this.#last = diff;
    const rest = new Reader(this.#pieces);
    const next: Piece[] = [];
    for (const hunk of diff.hunks) {
      next.push(...rest.until(hunk.start));
      if (!this.#addHunk(hunk, rest, next)) return false;
    }
    if (diff.exists) next.push(...rest.until(Number.POSITIVE_INFINITY));
    this.#pieces = next;
    return true;
  }

  text(): string {
    const { existed, nameA, modeA } = this.#first;
    const { exists, nameB, modeB } = this.#last;
    if (!existed && !exists) return "";
    const moved = existed && exists && nameA.replace(/^("?)a\//, "$1b/") !== nameB;
    const hunks = this.#hunks();
    if (existed && exists && !moved && hunks === "") return "";
    const bare = (name: string) => name.replace(/^("?)[ab]\//, "$1");
    return [
      `diff --git ${nameA} ${nameB}\n`,
      existed ? "" : `new file mode ${this.#first.modeB ?? modeB ?? "100644"}\n`,
      exists ? "" : `deleted file mode ${modeA ?? this.#last.modeA ?? "100644"}\n`,
      moved ? `rename from ${bare(nameA)}\nrename to ${bare(nameB)}\n` : "",
      hunks === "" ? "" : `--- ${existed ? nameA : "/dev/null"}\n+++ ${exists ? nameB : "/dev/null"}\n`,
      hunks,
    ].join("");
  }

  #addHunk({ lines }: Hunk, rest: Reader, next: Piece[]): boolean {
    for (const { sign, text } of lines) {
      if (sign === "+") {
        next.push({ old: false, text });
        continue;
      }
      const [piece] = rest.take(1);
      if (piece === undefined || (!piece.old && piece.text !== text)) return false;
      if (piece.old) this.#oldLines.set(piece.start, text);
      if (sign === " ") next.push(piece);
    }
    return true;
  }

  #blocks(): Block[] {
    const blocks: Block[] = [];
    let line = 0;
    let added: string[] = [];
    const close = (until: number) => {
      const removed: string[] = [];
      for (let index = line; index < until; index++) removed.push(this.#oldLines.get(index) ?? "");
      const block = withoutCommonEnds({ start: line, removed, added });
      if (block.removed.length > 0 || block.added.length > 0) blocks.push(block);
      added = [];
    };
    for (const piece of this.#pieces) {
      if (!piece.old) {
        added.push(piece.text);
        continue;
      }
      if (added.length > 0 || piece.start > line) close(piece.start);
      line = piece.start + piece.count;
    }
    // Behind the last piece only lines that a diff showed can have gone.
    const known = Math.max(-1, ...this.#oldLines.keys()) + 1;
    close(Number.isFinite(line) ? Math.max(line, known) : line);
    return blocks;
  }

  #hunks(): string {
    const out: string[] = [];
    let shift = 0;
    let shown = 0;
    const blocks = this.#blocks();
    for (let index = 0; index < blocks.length; ) {
      const group: Block[] = [];
      let end = 0;
      do {
        const block = blocks[index];
        if (block === undefined) break;
        group.push(block);
        end = block.start + block.removed.length;
        index += 1;
      } while (this.#joins(end, blocks[index]));
      const begin = this.#contextBefore(group[0]?.start ?? 0, shown);
      const after = this.#contextAfter(end, blocks[index]?.start ?? Number.POSITIVE_INFINITY);
      out.push(this.#hunk(group, begin, after, shift));
      shift += group.reduce((sum, { removed, added }) => sum + added.length - removed.length, 0);
      shown = after;
    }
    return out.join("");
  }

  /** Blocks whose surroundings touch make one hunk, where everything between them is known. */
  #joins(end: number, next: Block | undefined): boolean {
    if (next === undefined || next.start - end > CONTEXT * 2) return false;
    for (let line = end; line < next.start; line++) if (!this.#oldLines.has(line)) return false;
    return true;
  }

  #contextBefore(start: number, notBefore: number): number {
    let begin = start;
    while (begin > notBefore && start - begin < CONTEXT && this.#oldLines.has(begin - 1)) begin -= 1;
    return begin;
  }

  #contextAfter(end: number, notBehind: number): number {
    let after = end;
    while (after < notBehind && after - end < CONTEXT && this.#oldLines.has(after)) after += 1;
    return after;
  }

  #hunk(group: readonly Block[], begin: number, after: number, shift: number): string {
    const body: string[] = [];
    let line = begin;
    let grown = 0;
    const old = (until: number) => {
      for (; line < until; line++) body.push(shownLine(" ", this.#oldLines.get(line) ?? ""));
    };
    for (const { start, removed, added } of group) {
      old(start);
      for (const text of removed) body.push(shownLine("-", text));
      for (const text of added) body.push(shownLine("+", text));
      line = start + removed.length;
      grown += added.length - removed.length;
    }
    old(after);
    const count = after - begin;
    return `@@ -${range(begin, count)} +${range(begin + shift, count + grown)} @@\n${body.join("")}`;
  }
}

/** Reads pieces line by line. */
class Reader {
  readonly #pieces: Piece[];
  #line = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = [...pieces];
  }

  until(line: number): Piece[] {
    return this.take(line - this.#line);
  }

  take(lines: number): Piece[] {
    const taken: Piece[] = [];
    let wanted = lines;
    while (wanted > 0) {
      const piece = this.#pieces.shift();
      if (piece === undefined) break;
      const size = piece.old ? piece.count : 1;
      const part = Math.min(size, wanted);
      wanted -= part;
      this.#line += part;
      if (!piece.old || part === size) taken.push(piece);
      else {
        taken.push({ old: true, start: piece.start, count: part });
        this.#pieces.unshift({ old: true, start: piece.start + part, count: size - part });
      }
    }
    return taken;
  }
}

/** What was taken away and put back is no change. */
function withoutCommonEnds({ start, removed, added }: Block): Block {
  let head = 0;
  while (head < removed.length && head < added.length && removed[head] === added[head]) head += 1;
  let tail = 0;
  while (
    tail < removed.length - head &&
    tail < added.length - head &&
    removed.at(-1 - tail) === added.at(-1 - tail)
  ) {
    tail += 1;
  }
  return {
    start: start + head,
    removed: removed.slice(head, removed.length - tail),
    added: added.slice(head, added.length - tail),
  };
}

function shownLine(sign: " " | "-" | "+", text: string): string {
  return text.endsWith("\n") ? sign + text : `${sign}${text}\n\\ No newline at end of file\n`;
}

function range(start: number, count: number): string {
  const first = count === 0 ? start : start + 1;
  return count === 1 ? `${first}` : `${first},${count}`;
}
