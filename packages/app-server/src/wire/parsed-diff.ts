/** One line of a hunk. `text` ends with its line feed, unless the file ends without one there. */
export interface HunkLine {
  sign: " " | "-" | "+";
  text: string;
}

export interface Hunk {
  /** Zero-based line of the old side. */
  start: number;
  lines: HunkLine[];
}

/** A git-style diff of one file. Names are as they stand there, quoted where git quotes them. */
export interface ParsedDiff {
  nameA: string;
  nameB: string;
  existed: boolean;
  exists: boolean;
  /** File modes, where the diff names them. */
  modeA: string | null;
  modeB: string | null;
  hunks: Hunk[];
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@/;

/** Null for what is not a diff of text: a binary file, or another form. */
export function parseDiff(diff: string): ParsedDiff | null {
  const lines = diff.split(/(?<=\n)/);
  const parsed = parseHead(lines);
  if (parsed === null) return null;
  let hunk: Hunk | null = null;
  for (const line of lines.slice(headLength(lines))) {
    const head = HUNK.exec(line);
    if (head) {
      const count = Number(head[2] ?? 1);
      hunk = { start: Number(head[1]) - (count === 0 ? 0 : 1), lines: [] };
      parsed.hunks.push(hunk);
      continue;
    }
    const [sign] = line;
    const last = hunk?.lines.at(-1);
    if (sign === "\\" && last) last.text = last.text.replace(/\n$/, "");
    else if (hunk !== null && (sign === " " || sign === "-" || sign === "+")) {
      hunk.lines.push({ sign, text: line.slice(1) });
    } else return null;
  }
  return parsed;
}

function headLength(lines: readonly string[]): number {
  const first = lines.findIndex((line) => line.startsWith("@@ "));
  return first === -1 ? lines.length : first;
}

function parseHead(lines: readonly string[]): ParsedDiff | null {
  const head = lines.slice(0, headLength(lines)).map((line) => line.trimEnd());
  if (head.some((line) => line.startsWith("Binary files "))) return null;
  const after = (start: string) => head.find((line) => line.startsWith(start))?.slice(start.length) ?? null;
  const [nameA, nameB] = namesOf(head[0] ?? "", after);
  if (nameA === null || nameB === null) return null;
  return {
    nameA,
    nameB,
    existed: after("new file mode ") === null,
    exists: after("deleted file mode ") === null,
    modeA: after("old mode ") ?? after("deleted file mode "),
    modeB: after("new mode ") ?? after("new file mode "),
    hunks: [],
  };
}

/** With both sides given they are taken; one that is not there is called like the other; else the first line says it. */
function namesOf(git: string, after: (start: string) => string | null): [string | null, string | null] {
  const a = after("--- ");
  const b = after("+++ ");
  if (a !== null && b !== null) {
    if (a === "/dev/null") return [b.replace(/^("?)b\//, "$1a/"), b];
    return b === "/dev/null" ? [a, a.replace(/^("?)a\//, "$1b/")] : [a, b];
  }
  const both = git.slice("diff --git ".length);
  const half = (both.length - 1) / 2;
  if (git.startsWith("diff --git ") && both.slice(2, half) === both.slice(half + 3)) {
    return [both.slice(0, half), both.slice(half + 1)];
  }
  const match = /^diff --git ("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*"|\S+)$/.exec(git);
  return [match?.[1] ?? null, match?.[2] ?? null];
}
