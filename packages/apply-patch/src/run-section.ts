import * as path from "node:path";
import { applyEdits, resolveEndings } from "./edits.ts";
import { errorCode } from "./file-system.ts";
import { FolderReplacedError } from "./folders.ts";
import { locateChunks } from "./locate-chunk.ts";
import type { PatchSection } from "./patch.ts";
import type { PatchError } from "./patch-error.ts";
import type { PathGuard, PathIntent } from "./path-guard.ts";
import { encodeFile, readTextFile } from "./text-file.ts";
import { type FileAfter, sha256, type WorkingFile, type WorkingFiles } from "./working-files.ts";

interface Setting {
  readonly cwd: string;
  readonly guard: PathGuard;
  readonly files: WorkingFiles;
}

type Opened = { readonly file: WorkingFile; readonly absolute: string } | { readonly error: PatchError };

/** Works one section into the files in memory; returns why it cannot be done. */
export function runSection(section: PatchSection, setting: Setting): PatchError | undefined {
  if (section.kind === "add") return runAdd(section, setting);
  if (section.kind === "delete") return runDelete(section, setting);
  return runUpdate(section, setting);
}

const SENTENCES = {
  add: (absolute: string) => `Failed to write file ${absolute}`,
  delete: (absolute: string) => `Failed to delete file ${absolute}`,
  update: (absolute: string) => `Failed to read file to update ${absolute}`,
};

function open(requested: string, intent: PathIntent, use: keyof typeof SENTENCES, setting: Setting): Opened {
  const absolute = path.resolve(setting.cwd, requested);
  const sentence = SENTENCES[use](absolute);
  const refuse = (code: PatchError["code"], reason: string): Opened => ({
    error: { code, path: requested, message: `${sentence}${reason}` },
  });
  try {
    const decision = decide(absolute, intent, setting);
    if (!decision.ok) {
      return refuse("path_refused", `\nThe path is refused: ${decision.reason}. Nothing was changed.`);
    }
    return { file: setting.files.open(decision.path, requested), absolute };
  } catch (error) {
    const code = errorCode(error);
    if (code === "EISDIR") {
      return refuse(
        "path_refused",
        use === "update" ? `: path \`${absolute}\` is not a file` : "\nIt is a folder.",
      );
    }
    const reason = error instanceof Error ? error.message : String(error);
    if (code === "ENOTDIR") {
      if (use === "add") return refuse("path_refused", `\n${reason}.`);
      return refuse("missing_file", use === "update" ? ": Not a directory (os error 20)" : `\n${reason}.`);
    }
    if (error instanceof FolderReplacedError || code === "ELOOP" || code === "EINVAL") {
      return refuse("path_refused", `\nThe path is refused: ${reason}. Nothing was changed.`);
    }
    return refuse("io", `: ${reason}\nNothing was changed.`);
  }
}

/** A link that an earlier section removed is no longer followed. */
function decide(absolute: string, intent: PathIntent, { guard, files }: Setting): ReturnType<PathGuard> {
  if (intent === "write" && files.removedLink) {
    const itself = guard(absolute, "delete");
    if (itself.ok && files.isRemovedLink(itself.path)) return itself;
  }
  return guard(absolute, intent);
}

function runAdd(section: Extract<PatchSection, { kind: "add" }>, setting: Setting): PatchError | undefined {
  const opened = open(section.path, "write", "add", setting);
  if ("error" in opened) return opened.error;
  const { file } = opened;
  const bytes = Buffer.from(section.lines.map((line) => `${line}\n`).join(""), "utf8");
  file.addedOver = file.after !== undefined;
  file.movedFrom = undefined;
  change(file, after(bytes, file.after ?? (file.before?.kind === "file" ? file.before : undefined)));
  return undefined;
}

function runDelete(
  section: Extract<PatchSection, { kind: "delete" }>,
  setting: Setting,
): PatchError | undefined {
  const opened = open(section.path, "delete", "delete", setting);
  if ("error" in opened) return opened.error;
  const { file, absolute } = opened;
  if (file.after === undefined) return missing(section, `${SENTENCES.delete(absolute)}\nIt does not exist.`);
  file.movedFrom = undefined;
  change(file, undefined);
  if (file.before?.kind === "symlink") setting.files.removedLink = true;
  return undefined;
}

function runUpdate(
  section: Extract<PatchSection, { kind: "update" }>,
  setting: Setting,
): PatchError | undefined {
  const opened = open(section.path, "write", "update", setting);
  if ("error" in opened) return opened.error;
  const { file, absolute } = opened;
  const current = file.after;
  if (current === undefined) {
    const advice = "Check the path, or use '*** Add File:' for a new file.";
    return missing(
      section,
      `${SENTENCES.update(absolute)}: No such file or directory (os error 2)\n${advice}`,
    );
  }
  const text = readTextFile(current.bytes);
  const located = locateChunks(text, section.chunks, absolute);
  if (!located.ok) return { ...located.error, path: section.path };
  const edits = resolveEndings(text, located.edits);
  const updated = after(encodeFile(text.encoding, applyEdits(text, edits)), current);
  const target =
    section.movePath === undefined ? file : moveTarget(section.path, section.movePath, file, setting);
  if ("code" in target) return target;
  change(target, updated);
  target.matches.push(...located.matches);
  target.known = { from: current, file: text, edits };
  return undefined;
}

/** Takes the content from `file` to the new path. The old path goes, unless both lead to the same file. */
function moveTarget(from: string, to: string, file: WorkingFile, setting: Setting): WorkingFile | PatchError {
  const source = open(from, "delete", "delete", setting);
  if ("error" in source) return source.error;
  const opened = open(to, "write", "add", setting);
  if ("error" in opened) return opened.error;
  const target = opened.file;
  if (target !== source.file) {
    const isLink = source.file.before?.kind === "symlink";
    target.movedFrom = isLink ? undefined : (source.file.movedFrom ?? source.file);
    target.addedOver = target.after !== undefined;
    target.matches = [...file.matches];
    source.file.movedFrom = undefined;
    change(source.file, undefined);
    if (isLink) setting.files.removedLink = true;
  }
  return target;
}

function change(file: WorkingFile, content: FileAfter | undefined): void {
  file.after = content;
  file.known = undefined;
  file.matches = content === undefined ? [] : file.matches;
  file.touched = true;
}

function after(bytes: Buffer, previous: FileAfter | undefined): FileAfter {
  const content = { bytes, sha256: sha256(bytes) };
  return previous?.attributes === undefined ? content : { ...content, attributes: previous.attributes };
}

function missing(section: PatchSection, message: string): PatchError {
  return { code: "missing_file", path: section.path, line: section.line, message };
}
