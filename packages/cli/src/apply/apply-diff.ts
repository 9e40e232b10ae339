/** One run of lines of a unified diff; every line keeps its ending. */
export interface Hunk {
  /** 1-based line of the old side; 0 for a file that was empty or not there. */
  oldStart: number;
  oldLines: readonly string[];
  newLines: readonly string[];
}

export type DiffOutcome = { ok: true; text: string } | { ok: false; reason: string };

/** The hunks of one file's diff. Null when it is no text diff, as for binary files. */
export function hunksOf(diff: string): Hunk[] | null {
  const lines = diff.split(/(?<=\n)/);
  const hunks: Hunk[] = [];
  for (let index = 0; index < lines.length; index++) {
    const header = lines[index]?.match(/^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/);
    if (!header) continue;
    let left = { old: Number(header[2] ?? 1), new: Number(header[3] ?? 1) };
    const oldLines: string[] = [];
    const newLines: string[] = [];
    while (left.old > 0 || left.new > 0) {
      const line = lines[++index];
      const sign = line?.[0];
      if (line === undefined || (sign !== " " && sign !== "-" && sign !== "+")) return null;
      const unended = lines[index + 1]?.startsWith("\\ ") === true;
      const text = unended ? line.slice(1).replace(/\n$/, "") : line.slice(1);
      if (unended) index += 1;
      if (sign !== "+") oldLines.push(text);
      if (sign !== "-") newLines.push(text);
      left = { old: left.old - (sign === "+" ? 0 : 1), new: left.new - (sign === "-" ? 0 : 1) };
    }
    hunks.push({ oldStart: Number(header[1]), oldLines, newLines });
  }
  return hunks.length === 0 && /^Binary files |^GIT binary patch/m.test(diff) ? null : hunks;
}

/**
 * Applies hunks the way `git apply` does: every line around a change has to be there exactly; only its line number may
 * have moved, and then the nearest such place counts.
 */
export function applyHunks(text: string, hunks: readonly Hunk[]): DiffOutcome {
  const lines = text === "" ? [] : text.split(/(?<=\n)/);
  let shift = 0;
  let from = 0;
  for (const hunk of hunks) {
    // With nothing on the old side the number names the line before.
    const wanted = hunk.oldStart - (hunk.oldLines.length === 0 ? 0 : 1) + shift;
    const found = nearestPlace(lines, hunk.oldLines, wanted, from);
    if (found === null) {
      return { ok: false, reason: `what it changes at line ${hunk.oldStart} is not there any more` };
    }
    lines.splice(found, hunk.oldLines.length, ...hunk.newLines);
    from = found + hunk.newLines.length;
    shift += found - wanted + hunk.newLines.length - hunk.oldLines.length;
  }
  return { ok: true, text: lines.join("") };
}

function nearestPlace(
  lines: readonly string[],
  block: readonly string[],
  wanted: number,
  from: number,
): number | null {
  const last = lines.length - block.length;
  const matches = (at: number) => block.every((line, offset) => lines[at + offset] === line);
  // A block without lines has nothing to be found by: it goes where it stood, or nowhere.
  if (block.length === 0) return wanted >= from && wanted <= lines.length ? wanted : null;
  for (let distance = 0; distance <= lines.length; distance++) {
    for (const at of distance === 0 ? [wanted] : [wanted - distance, wanted + distance]) {
      if (at >= from && at <= last && matches(at)) return at;
    }
  }
  return null;
}
