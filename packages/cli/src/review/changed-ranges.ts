export interface LineRange {
  start: number;
  end: number;
}

/** The hunks of each file of a patch, in lines of the new side, context lines included. Paths are relative. */
export type ChangedRanges = ReadonlyMap<string, readonly LineRange[]>;

/** Reads a unified diff as git prints it with `a/` and `b/`. A deleted file is listed under its old name. */
export function changedRanges(patch: string): ChangedRanges {
  const files = new Map<string, LineRange[]>();
  let oldPath: string | null = null;
  let ranges: LineRange[] | null = null;
  // Within a hunk only its own lines are read, so that a changed line that looks like a header is none.
  let left = { old: 0, new: 0 };
  for (const line of patch.split("\n")) {
    if (left.old > 0 || left.new > 0) {
      left = { old: left.old - (/^[ -]/.test(line) ? 1 : 0), new: left.new - (/^[ +]/.test(line) ? 1 : 0) };
      continue;
    }
    if (line.startsWith("--- ")) oldPath = pathOf(line.slice(4));
    if (line.startsWith("+++ ")) {
      const file = pathOf(line.slice(4)) ?? oldPath;
      ranges = file === null ? null : (files.get(file) ?? []);
      if (file !== null && ranges !== null) files.set(file, ranges);
    }
    const hunk = line.match(/^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/);
    if (!hunk) continue;
    const start = Number(hunk[2]);
    const count = Number(hunk[3] ?? 1);
    left = { old: Number(hunk[1] ?? 1), new: count };
    // Where lines only went away, the place between its neighbours stands for them.
    ranges?.push(
      count === 0 ? { start: Math.max(1, start), end: start + 1 } : { start, end: start + count - 1 },
    );
  }
  return files;
}

/** git quotes names with unusual characters; null stands for /dev/null. */
function pathOf(word: string): string | null {
  const name = word.replace(/\t$/, "");
  if (name === "/dev/null") return null;
  return unquote(name).replace(/^[ab]\//, "");
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", '"': '"', "\\": "\\" };

function unquote(name: string): string {
  if (!name.startsWith('"') || !name.endsWith('"')) return name;
  const bytes: Buffer[] = [];
  for (const [part] of name.slice(1, -1).matchAll(/\\[0-7]{3}|\\.|[^\\]+/gs)) {
    if (/^\\[0-7]{3}$/.test(part)) bytes.push(Buffer.from([Number.parseInt(part.slice(1), 8)]));
    else bytes.push(Buffer.from(part.startsWith("\\") ? (ESCAPES[part[1] ?? ""] ?? part.slice(1)) : part));
  }
  return Buffer.concat(bytes).toString("utf8");
}
