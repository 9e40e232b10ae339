import * as path from "node:path";
import type { TextEdit } from "./edits.ts";
import type { DiffRun } from "./line-diff.ts";
import type { ChunkMatch } from "./locate-chunk.ts";
import type { TextFile } from "./text-file.ts";
import { diffHead, formatRuns, type UnifiedDiff, unifiedDiff } from "./unified-diff.ts";
import type { FileAfter, KnownEdits, WorkingFile } from "./working-files.ts";

/** The net effect of a patch on one file. */
export interface FileChange {
  readonly kind: "add" | "update" | "delete" | "move";
  /** As written in the patch; of a moved file the old path. */
  readonly path: string;
  /** Where the bytes are, links resolved. */
  readonly absolutePath: string;
  readonly movePath?: string;
  readonly absoluteMovePath?: string;
  /** The target of an add or a move existed and its content is replaced. */
  readonly overwrote?: true;
  /** As `git diff` prints it; can be given to `git apply`. Empty when no byte changed. */
  readonly diff: string;
  readonly added: number;
  readonly removed: number;
  /** Lower-case hexadecimal; null where there is no file. */
  readonly beforeSha256: string | null;
  readonly afterSha256: string | null;
  /** How each chunk was found, in the order of the patch. */
  readonly chunks: readonly ChunkMatch[];
}

/** Describes what is different in the end; a file that was added and deleted again is not mentioned. */
export function reportChanges(files: readonly WorkingFile[], cwd: string): FileChange[] {
  const sources = new Set<WorkingFile>();
  for (const file of files) {
    const source = moveSource(file);
    if (source !== undefined) sources.add(source);
  }
  return files
    .filter((file) => !sources.has(file) && file.touched)
    .filter((file) => file.before !== undefined || file.after !== undefined)
    .map((file) => describe(file, cwd));
}

/** The file this one was moved from, if that one existed before the patch and is gone after it. */
function moveSource(file: WorkingFile): WorkingFile | undefined {
  const source = file.movedFrom;
  const gone = source !== file && source?.before !== undefined && source.after === undefined;
  return gone && file.after !== undefined ? source : undefined;
}

function describe(file: WorkingFile, cwd: string): FileChange {
  const source = moveSource(file);
  const before = (source ?? file).before;
  const { after } = file;
  // A target that the patch deleted before it moved something there is replaced just the same.
  const overwrote = file.before !== undefined && (file.addedOver || source !== undefined);
  const diff = diffOf(file, source, cwd);
  return {
    kind: kindOf(file, source),
    path: (source ?? file).shownPath,
    absolutePath: (source ?? file).path,
    ...(source === undefined ? {} : { movePath: file.shownPath, absoluteMovePath: file.path }),
    ...(overwrote ? { overwrote } : {}),
    diff: diff.text,
    added: diff.added,
    removed: diff.removed,
    beforeSha256: before?.sha256 ?? null,
    afterSha256: after?.sha256 ?? null,
    chunks: after === undefined ? [] : file.matches,
  };
}

function kindOf(file: WorkingFile, source: WorkingFile | undefined): FileChange["kind"] {
  if (source !== undefined) return "move";
  if (file.after === undefined) return "delete";
  return file.before === undefined || file.addedOver ? "add" : "update";
}

function diffOf(file: WorkingFile, source: WorkingFile | undefined, cwd: string): UnifiedDiff {
  const { before } = source ?? file;
  const { after, known } = file;
  const nameA = shownName((source ?? file).path, cwd);
  const nameB = shownName(file.path, cwd);
  const modes = {
    modeA: gitMode(before, before?.kind === "symlink"),
    modeB: gitMode(after, after === file.before && file.before?.kind === "symlink"),
  };
  const exact = known !== undefined && known.from === before && isPlain(known.file);
  if (exact) {
    return formatEdits(known, diffHead(nameA, nameB, true, true, modes));
  }
  return unifiedDiff(nameA, nameB, readable(before), readable(after), modes);
}

/** Whether the lines of the file are those that git sees. */
function isPlain({ encoding, bom, separator, text }: TextFile): boolean {
  return encoding === "bytes" && bom === "" && separator === "\n" && !text.slice(0, 8000).includes("\0");
}

function shownName(file: string, cwd: string): string {
  const relative = path.relative(cwd, file);
  const outside = relative === ".." || relative.startsWith(`..${path.sep}`);
  return (outside ? file.slice(path.parse(file).root.length) : relative).split(path.sep).join("/");
}

function gitMode(content: FileAfter | undefined, isLink: boolean): string {
  if (isLink) return "120000";
  return ((content?.attributes?.mode ?? 0) & 0o111) === 0 ? "100644" : "100755";
}

/** UTF-16 is shown as UTF-8; otherwise the NULs in it would make the diff binary. */
function readable(content: FileAfter | undefined): Uint8Array | null {
  if (content === undefined) return null;
  const { bytes } = content;
  const even = bytes.length % 2 === 0;
  if (even && bytes[0] === 0xff && bytes[1] === 0xfe) return Buffer.from(bytes.toString("utf16le"), "utf8");
  if (even && bytes[0] === 0xfe && bytes[1] === 0xff) {
    return Buffer.from(Buffer.from(bytes).swap16().toString("utf16le"), "utf8");
  }
  return bytes;
}

function formatEdits({ file, edits }: KnownEdits, head: ReturnType<typeof diffHead>): UnifiedDiff {
  const lineA = (index: number): string => file.text.slice(file.starts[index], file.starts[index + 1]);
  const inserted = new Map<number, string>();
  const runs: DiffRun[] = [];
  let shift = 0;
  for (const edit of edits) {
    const bStart = edit.start + shift;
    edit.lines.forEach((line, offset) => {
      inserted.set(bStart + offset, line);
    });
    const run = withoutEqualEnds(edit, bStart, lineA, inserted);
    if (run.aStart < run.aEnd || run.bStart < run.bEnd) runs.push(run);
    shift += edit.lines.length - (edit.end - edit.start);
  }
  const lines = { countA: file.lines.length, a: lineA, b: (index: number) => inserted.get(index) ?? "" };
  return formatRuns(head, lines, runs);
}

/** A line that is removed and added again did not change. */
function withoutEqualEnds(
  edit: TextEdit,
  start: number,
  lineA: (index: number) => string,
  inserted: ReadonlyMap<number, string>,
): DiffRun {
  let { start: aStart, end: aEnd } = edit;
  let bStart = start;
  let bEnd = start + edit.lines.length;
  while (aStart < aEnd && bStart < bEnd && lineA(aStart) === inserted.get(bStart)) {
    aStart += 1;
    bStart += 1;
  }
  while (aStart < aEnd && bStart < bEnd && lineA(aEnd - 1) === inserted.get(bEnd - 1)) {
    aEnd -= 1;
    bEnd -= 1;
  }
  return { aStart, aEnd, bStart, bEnd };
}
