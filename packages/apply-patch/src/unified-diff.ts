import { type DiffRun, diffLines } from "./line-diff.ts";

/** A git-style diff of one file and what it counts. */
export interface UnifiedDiff {
  /** Empty when nothing changed. For display: bytes that are no UTF-8 are shown as U+FFFD. */
  readonly text: string;
  readonly added: number;
  readonly removed: number;
}

export interface DiffOptions {
  /** Unchanged lines around a change; default 3. */
  readonly context?: number;
  /** Git file modes such as "100755"; default "100644". */
  readonly modeA?: string;
  readonly modeB?: string;
  /** See `diffLines`. */
  readonly maxCost?: number;
}

type Side = Uint8Array | null;

/**
 * Compares two versions of a file the way git prints it, with renames, new and deleted files (`null` stands for
 * "no such file"), "No newline at end of file" and binary files (those with a NUL in the first 8,000 bytes).
 * Paths are relative, with forward slashes. Time is bounded for any input.
 */
export function unifiedDiff(
  pathA: string,
  pathB: string,
  before: Side,
  after: Side,
  options?: DiffOptions,
): UnifiedDiff {
  const head = diffHead(pathA, pathB, before !== null, after !== null, options);
  const a = before ?? new Uint8Array();
  const b = after ?? new Uint8Array();
  if (Buffer.compare(a, b) === 0) return { text: head.always, added: 0, removed: 0 };
  if (isBinary(a) || isBinary(b)) {
    const text = `${head.always || head.git}Binary files ${head.nameA} and ${head.nameB} differ\n`;
    return { text, added: 0, removed: 0 };
  }
  const linesA = linesWithEndings(asCharacters(a));
  const linesB = linesWithEndings(asCharacters(b));
  const runs = diffLines(linesA, linesB, options);
  const lines = {
    countA: linesA.length,
    a: (i: number) => linesA[i] ?? "",
    b: (i: number) => linesB[i] ?? "",
  };
  return formatRuns(head, lines, runs, options?.context);
}

/** The lines that a diff shows, one character per byte and with their line endings; `b` is asked for new ones only. */
export interface DiffSource {
  readonly countA: number;
  readonly a: (index: number) => string;
  readonly b: (index: number) => string;
}

/** Formats runs that are already known. */
export function formatRuns(
  head: DiffHead,
  lines: DiffSource,
  runs: readonly DiffRun[],
  context = 3,
): UnifiedDiff {
  const out: string[] = [];
  let added = 0;
  let removed = 0;
  for (const group of groupRuns(runs, context)) {
    const first = group[0];
    const last = group[group.length - 1];
    if (first === undefined || last === undefined) continue;
    const before = Math.min(context, first.aStart);
    const aStart = first.aStart - before;
    const bStart = first.bStart - before;
    const after = Math.min(context, lines.countA - last.aEnd);
    const aCount = last.aEnd + after - aStart;
    const bCount = last.bEnd + after - bStart;
    out.push(`@@ -${range(aStart, aCount)} +${range(bStart, bCount)} @@\n`);
    let line = aStart;
    for (const run of group) {
      pushLines(out, " ", lines.a, line, run.aStart);
      pushLines(out, "-", lines.a, run.aStart, run.aEnd);
      pushLines(out, "+", lines.b, run.bStart, run.bEnd);
      removed += run.aEnd - run.aStart;
      added += run.bEnd - run.bStart;
      line = run.aEnd;
    }
    pushLines(out, " ", lines.a, line, last.aEnd + after);
  }
  if (out.length === 0) return { text: head.always, added, removed };
  const body = Buffer.from(out.join(""), "latin1").toString("utf8");
  return { text: `${head.always || head.git}--- ${head.nameA}\n+++ ${head.nameB}\n${body}`, added, removed };
}

function pushLines(
  out: string[],
  sign: string,
  lineAt: (index: number) => string,
  from: number,
  to: number,
): void {
  for (let index = from; index < to; index += 1) {
    const line = lineAt(index);
    out.push(sign, line);
    if (!line.endsWith("\n")) out.push("\n\\ No newline at end of file\n");
  }
}

function range(start: number, count: number): string {
  const first = count === 0 ? start : start + 1;
  return count === 1 ? `${first}` : `${first},${count}`;
}

function groupRuns(runs: readonly DiffRun[], context: number): DiffRun[][] {
  const groups: DiffRun[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const run of runs) {
    const current = groups[groups.length - 1];
    if (current !== undefined && run.aStart - end <= context * 2) current.push(run);
    else groups.push([run]);
    end = run.aEnd;
  }
  return groups;
}

/** The lines above `---`. `always` is not empty when they say something even without a changed line. */
export interface DiffHead {
  readonly git: string;
  readonly always: string;
  readonly nameA: string;
  readonly nameB: string;
}

export function diffHead(
  pathA: string,
  pathB: string,
  existed: boolean,
  exists: boolean,
  options?: DiffOptions,
): DiffHead {
  const a = quotePath(`a/${pathA}`);
  const b = quotePath(`b/${pathB}`);
  const git = `diff --git ${a} ${b}\n`;
  const modeA = options?.modeA ?? "100644";
  const modeB = options?.modeB ?? "100644";
  let extra = "";
  if (!existed) extra += `new file mode ${modeB}\n`;
  else if (!exists) extra += `deleted file mode ${modeA}\n`;
  else {
    if (modeA !== modeB) extra += `old mode ${modeA}\nnew mode ${modeB}\n`;
    if (pathA !== pathB) extra += `rename from ${quotePath(pathA)}\nrename to ${quotePath(pathB)}\n`;
  }
  return {
    git,
    always: extra === "" ? "" : git + extra,
    nameA: existed ? a : "/dev/null",
    nameB: exists ? b : "/dev/null",
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to be quoted
const NEEDS_QUOTES = /[\0-\x1f"\\\x7f-\uffff]/;
const ESCAPES: Record<string, string> = { "\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\" };

/** C-style quotes for names that would otherwise be read wrongly, as git does. */
function quotePath(path: string): string {
  if (!NEEDS_QUOTES.test(path)) return path;
  const characters = [...Buffer.from(path, "utf8").toString("latin1")].map((character) => {
    const code = character.charCodeAt(0);
    if (ESCAPES[character] !== undefined) return ESCAPES[character];
    return code < 0x20 || code >= 0x7f ? `\\${code.toString(8).padStart(3, "0")}` : character;
  });
  return `"${characters.join("")}"`;
}

function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8000).includes(0);
}

function asCharacters(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Splits after every line feed. */
function linesWithEndings(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  while (start < text.length) {
    const feed = text.indexOf("\n", start);
    const end = feed < 0 ? text.length : feed + 1;
    lines.push(text.slice(start, end));
    start = end;
  }
  return lines;
}
