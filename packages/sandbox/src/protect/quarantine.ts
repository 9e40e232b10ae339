import { closeSync, readdirSync, readFileSync, readlinkSync, renameSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { SandboxNotice } from "../command.ts";
import { entryAt } from "./paths.ts";
import { repositoryFolders } from "./repository-pointers.ts";
import { openVerified } from "./verified-folder.ts";
import type { ProtectedLink } from "./workspace-view.ts";

/** What a run could have changed although it is protected, and how to name it then. */
export interface AfterRun {
  readonly links: readonly ProtectedLink[];
  /** Protected names and repositories that were not there before the run. */
  readonly appeared: readonly string[];
  /** Makes the end of a name that nothing has yet. */
  readonly uniqueName: () => string;
}

/** Keys a fresh repository has that cannot make git run anything. */
const PLAIN_SECTIONS = /^(?:core|user|remote|branch|init|extensions|pull|push|fetch|submodule|color|i18n)$/;
const PLAIN_CORE_KEYS =
  /^(?:repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|autocrlf|eol|safecrlf|quotepath)$/;
const PLAIN_KEYS =
  /^(?:name|email|url|fetch|pushurl|remote|merge|rebase|defaultbranch|objectformat|refstorage|worktreeconfig|partialclone|default|autosetupremote|prune|active|ui|ff|commitencoding|logoutputencoding)$/;

/** Puts back what was changed, moves aside what appeared, and reports both. */
export function inspectAfterRun(after: AfterRun): SandboxNotice[] {
  const notices: SandboxNotice[] = [];
  for (const link of after.links) {
    const now = entryAt(link.path);
    if (now?.isSymbolicLink() && readlinkSync(link.path) === link.target) continue;
    notices.push(...restoreLink(link, now !== undefined, after.uniqueName));
  }
  for (const path of after.appeared) {
    if (entryAt(path) === undefined) continue;
    const repository = basename(path) === ".git" || entryAt(join(path, "HEAD")) !== undefined;
    if (repository && isPlainRepository(path)) {
      notices.push({
        kind: "new-repository",
        path,
        message: `The command made a repository at ${path}; later commands see it read-only.`,
      });
    } else notices.push(moveAside(path, after.uniqueName()));
  }
  return notices;
}

function restoreLink(link: ProtectedLink, replaced: boolean, uniqueName: () => string): SandboxNotice[] {
  const notices = replaced ? [moveAside(link.path, uniqueName())] : [];
  if (entryAt(link.path) === undefined) {
    symlinkSync(link.target, link.path);
    notices.push({
      kind: "restored-link",
      path: link.path,
      message: `The command changed the protected link ${link.path}; it points to ${link.target} again.`,
    });
  }
  return notices;
}

/**
 * Gives the entry a name that means nothing, in its own folder: no copying, and easy to find. Works through a verified
 * descriptor of the folder, because another command may be swapping names meanwhile.
 */
function moveAside(path: string, unique: string): SandboxNotice {
  const lost = (why: string): SandboxNotice => ({
    kind: "protection-lost",
    path,
    message: `The command made ${path}, a protected name, and it could not be moved away (${why}); look at it before you use it.`,
  });
  const folder = openVerified(dirname(path));
  if (folder === undefined) return lost("its folder changed meanwhile");
  const name = `${basename(path)}.quarantined-${unique.slice(0, 8)}`;
  const inFolder = (entry: string): string => join(`/proc/self/fd/${folder}`, entry);
  try {
    renameSync(inFolder(basename(path)), inFolder(name));
    // Git works in any folder that looks like a repository, whatever its name.
    if (entryAt(inFolder(join(name, "HEAD")))?.isFile()) {
      renameSync(inFolder(join(name, "HEAD")), inFolder(join(name, "HEAD.quarantined")));
    }
    return {
      kind: "quarantined",
      path,
      message: `The command made or replaced ${path}, a protected name that other programs act on; it is now called ${name}.`,
    };
  } catch (error) {
    return lost(error instanceof Error ? error.message : String(error));
  } finally {
    closeSync(folder);
  }
}

/** Whether git, used there by someone else, would do no more than read and write its own files. */
function isPlainRepository(entry: string): boolean {
  const folders = basename(entry) === ".git" ? repositoryFolders(entry) : [entry];
  return folders.length > 0 && folders.every((folder) => hasPlainConfig(folder) && hasNoHooks(folder));
}

function hasNoHooks(folder: string): boolean {
  const hooks = join(folder, "hooks");
  const stats = entryAt(hooks);
  if (stats === undefined) return true;
  return stats.isDirectory() && readdirSync(hooks).every((name) => name.endsWith(".sample"));
}

function hasPlainConfig(folder: string): boolean {
  return ["config", "config.worktree"].every((name) => {
    const stats = entryAt(join(folder, name));
    if (stats === undefined) return true;
    return stats.isFile() && stats.size < 65_536 && isPlainConfig(readFileSync(join(folder, name), "utf8"));
  });
}

/** Rejects what it does not understand: continuation lines, several settings on a line, unknown sections. */
export function isPlainConfig(text: string): boolean {
  let section = "";
  for (const line of text.split("\n").map((raw) => raw.trim())) {
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const heading = /^\[([A-Za-z0-9.-]+)(?: "[^"\\]*")?\]$/.exec(line)?.[1];
    if (heading !== undefined) {
      section = heading.toLowerCase();
      if (!PLAIN_SECTIONS.test(section)) return false;
      continue;
    }
    const [, key = "", value = ""] = /^([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*))?$/.exec(line) ?? [];
    const known = section === "core" ? PLAIN_CORE_KEYS : PLAIN_KEYS;
    if (!known.test(key.toLowerCase()) || value.endsWith("\\") || /^"?(?:ext::|!)/.test(value)) return false;
  }
  return true;
}
