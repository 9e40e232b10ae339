import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { isWithin } from "@quire/protocol";
import { type ConfigFs, realpathOrNull } from "./config-fs.ts";
import { directoriesBetween } from "./project-root.ts";
import { findSkillFolders, folderManifest, PROJECT_SKILL_FOLDERS } from "./skill-folders.ts";
import { decodeUtf8 } from "./toml.ts";
import { contentHash, type TrustedFile, type TrustedFiles } from "./trust-record.ts";

/** Which content of a project's files counts as trusted: what there is now, or only what was recorded. */
export type ContentTrust = { kind: "any" } | { kind: "recorded"; files: TrustedFiles };

export const TRUSTS_NOTHING: ContentTrust = { kind: "recorded", files: new Map() };

/** Folders in which a project may keep configuration; the later one wins in the same directory. */
export const PROJECT_FOLDERS = [".codex", ".quire"];

const SIZE_LIMIT = 1024 * 1024;

/** Whether this text of this file is what the user trusted. `root` is the project's root or the working directory. */
export function isTrustedContent(trust: ContentTrust, root: string, file: string, text: string): boolean {
  if (trust.kind === "any") return true;
  return trust.files.get(recordKey(root, file))?.sha256 === contentHash(text);
}

export function recordKey(root: string, file: string): string {
  return relative(root, file).split(sep).join("/");
}

/**
 * The text of every file that takes effect once a project is trusted: its configuration, hooks and kinds of agents from
 * the root down to `cwd`, its command rules and rules of routing, and for each folder of a skill what the folder holds. Null
 * where there is no usable file.
 */
export async function readTrustableFiles(
  root: string,
  cwd: string,
  fs: ConfigFs,
): Promise<Map<string, string | null>> {
  const configs = directoriesBetween(root, cwd).flatMap((directory) =>
    PROJECT_FOLDERS.flatMap((folder) =>
      ["config.toml", "hooks.json"].map((name) => join(directory, folder, name)),
    ),
  );
  const rules = PROJECT_FOLDERS.flatMap((folder) => filesIn(join(root, folder, "rules"), ".rules"));
  const agents = directoriesBetween(root, cwd).flatMap((directory) =>
    PROJECT_FOLDERS.flatMap((folder) => agentFilesIn(join(directory, folder))),
  );
  const files = new Map<string, string | null>();
  for (const file of [...configs, ...rules, ...agents, join(root, ".quire", "routing.toml")]) {
    files.set(recordKey(root, file), await readInside(file, root, fs));
  }
  const skillRoots = directoriesBetween(root, cwd).flatMap((directory) =>
    PROJECT_SKILL_FOLDERS.map((folder) => join(directory, folder)),
  );
  for (const folder of skillRoots.flatMap(findSkillFolders)) {
    const manifest = folderManifest(folder);
    files.set(recordKey(root, folder), manifest.ok ? manifest.text : null);
  }
  return files;
}

/** The files of kinds of agents in a configuration folder, in the order of their names. */
export function agentFilesIn(folder: string): string[] {
  return filesIn(join(folder, "agents"), ".toml").sort();
}

function filesIn(folder: string, ending: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .map((name) => join(folder, name));
  } catch {
    // None there, which is the usual case.
    return [];
  }
}

async function readInside(file: string, root: string, fs: ConfigFs): Promise<string | null> {
  try {
    const real = await realpathOrNull(fs, file);
    if (real === null || !isWithin(real, root)) return null;
    const facts = await fs.stat(real);
    return facts?.isFile() && facts.size <= SIZE_LIMIT ? decodeUtf8(await fs.readFile(real)) : null;
  } catch {
    // Unreadable is not trusted; when it is loaded that is reported.
    return null;
  }
}

const SHOWN_LINES = 12;

/** What changed since a file was trusted, as the lines of a short diff. */
export async function describeChange(before: TrustedFile | undefined, now: string): Promise<string[]> {
  if (before === undefined) return ["the file is new"];
  if (before.text === undefined) return ["the file was changed; it is too long to show what"];
  const { unifiedDiff } = await import("@quire/apply-patch");
  const diff = unifiedDiff("a", "b", Buffer.from(before.text), Buffer.from(now), { context: 0 });
  const lines = diff.text.split("\n").filter((line) => /^[+-](?!\+\+ |-- )/.test(line));
  const more = lines.length - SHOWN_LINES;
  return more > 0 ? [...lines.slice(0, SHOWN_LINES), `… ${more} more lines`] : lines;
}
