import { createHash } from "node:crypto";
import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { isWithin } from "@quire/protocol";

/** Where a directory of a project may keep skills; the earlier one wins. */
export const PROJECT_SKILL_FOLDERS = [
  join(".agents", "skills"),
  join(".quire", "skills"),
  join(".codex", "skills"),
];

/** Folders deep below the root that a skill may lie. */
const DEPTH = 4;
const MOST_FOLDERS = 2000;

/** The folders below `root` that hold a SKILL.md, in a fixed order. Hidden folders and `node_modules` are passed over. */
export function findSkillFolders(root: string): string[] {
  const found: string[] = [];
  let looked = 0;
  const visit = (folder: string, depth: number) => {
    if (++looked > MOST_FOLDERS) return;
    const names = entriesOf(folder);
    if (names.some(({ name }) => name === "SKILL.md")) {
      found.push(folder);
      return;
    }
    if (depth === 0) return;
    for (const entry of names) {
      if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory() || (entry.isSymbolicLink() && isFolder(path))) visit(path, depth - 1);
    }
  };
  visit(root, DEPTH);
  return found;
}

/** What a folder holds, as one line per file: its mode, the hash of its content, its path. */
export type FolderManifest =
  | { readonly ok: true; readonly text: string; readonly executables: readonly string[] }
  | { readonly ok: false; readonly reason: string };

const MOST_FILES = 2000;
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The manifest by which a folder is trusted: any change of a file, its name or its execute bit changes the text. Links
 * are followed only inside the folder; one that leads out, a device, or more than 64 MiB makes it unusable. `.git` is no
 * part of it.
 */
export function folderManifest(folder: string): FolderManifest {
  const lines: string[] = [];
  const executables: string[] = [];
  let bytes = 0;
  try {
    const root = realpathSync(folder);
    const visit = (at: string) => {
      for (const entry of entriesOf(at)) {
        if (entry.name === ".git") continue;
        const path = join(at, entry.name);
        if (!isWithin(realpathSync(path), root))
          throw new Error(`${path} is a link that leads out of the folder`);
        const facts = statSync(path);
        if (facts.isDirectory()) {
          if (entry.isSymbolicLink()) throw new Error(`${path} is a link to a folder`);
          visit(path);
          continue;
        }
        if (!facts.isFile()) throw new Error(`${path} is no regular file`);
        bytes += facts.size;
        if (bytes > MOST_BYTES || lines.length >= MOST_FILES) throw new Error(`${folder} holds too much`);
        const name = relative(root, path).split(sep).join("/");
        const executable = (facts.mode & 0o111) !== 0;
        if (executable || name.startsWith("scripts/")) executables.push(name);
        const hash = createHash("sha256").update(readFileSync(path)).digest("hex");
        lines.push(`${hash} ${executable ? "x" : "-"} ${name}`);
      }
    };
    visit(root);
  } catch (thrown) {
    return { ok: false, reason: thrown instanceof Error ? thrown.message : String(thrown) };
  }
  return { ok: true, text: `${lines.join("\n")}\n`, executables };
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    // Not there, no folder or not ours to read: then it holds nothing.
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
