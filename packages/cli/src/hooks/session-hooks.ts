import fs from "node:fs";
import path from "node:path";
import {
  directoriesBetween,
  isTrustedContent,
  PROJECT_FOLDERS,
  type ProjectFacts,
  parseToml,
} from "@quire/config";
import { type HookDefinition, type HookOrigin, parseHooks } from "@quire/core";
import { visibleLine } from "@quire/protocol";
import { readPlainText } from "../session/plain-text.ts";
import type { SessionWarning } from "../session/session-request.ts";

/** Where hooks are looked for. */
export interface HookPlace {
  readonly home: string;
  /** Real path. */
  readonly cwd: string;
  readonly project: ProjectFacts;
  /** hooks.json files of plugins; what they hold was trusted with the plugin. */
  readonly pluginFiles: readonly HookOrigin[];
}

export interface SessionHooks {
  readonly hooks: readonly HookDefinition[];
  readonly warnings: readonly SessionWarning[];
}

const FILES = ["hooks.json", "config.toml"];

/** The hooks that hold in a place. Those of files that are not trusted as they are do not, and are named. */
export async function findSessionHooks(place: HookPlace): Promise<SessionHooks> {
  const { home, cwd, project, pluginFiles } = place;
  const root = project.root ?? cwd;
  const own = FILES.map((name): HookOrigin => originOf("user", path.join(home, name)));
  const theirs = directoriesBetween(project.root, cwd)
    .flatMap((directory) => PROJECT_FOLDERS.map((folder) => path.join(directory, folder)))
    .filter((folder) => !sameFolder(folder, home))
    .flatMap((folder) => FILES.map((name) => originOf("project", path.join(folder, name))));
  const hooks: HookDefinition[] = [];
  const warnings: SessionWarning[] = [];
  for (const origin of [...own, ...theirs, ...pluginFiles]) {
    if (!fs.existsSync(origin.file)) continue;
    const text = readPlainText(origin.file, origin.kind === "project" ? root : null);
    if (text === null) {
      if (path.basename(origin.file) === "hooks.json")
        warnings.push(broken(origin, "it cannot be read as text"));
      continue;
    }
    if (!text.includes("hooks")) continue;
    const read = await hooksIn(origin.file, text);
    if (read.kind === "none") continue;
    if (read.kind === "broken") {
      warnings.push(broken(origin, read.message));
      continue;
    }
    if (origin.kind === "project" && !isTrusted(place, origin.file, text)) {
      warnings.push(untrusted(origin));
      continue;
    }
    const parsed = parseHooks(read.value, origin);
    hooks.push(...parsed.hooks);
    warnings.push(...parsed.problems.map((message) => ({ code: "hooks_invalid", message })));
  }
  return { hooks, warnings };
}

function isTrusted({ project, cwd }: HookPlace, file: string, text: string): boolean {
  return project.trust === "trusted" && isTrustedContent(project.content, project.root ?? cwd, file, text);
}

type Read = { kind: "none" } | { kind: "broken"; message: string } | { kind: "hooks"; value: unknown };

async function hooksIn(file: string, text: string): Promise<Read> {
  if (file.endsWith(".toml")) {
    const parsed = await parseToml(text);
    // A configuration that is broken is reported where it is read as one.
    return parsed.ok && parsed.table.hooks !== undefined
      ? { kind: "hooks", value: parsed.table.hooks }
      : { kind: "none" };
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "hooks" in value)
      return { kind: "hooks", value: value.hooks };
    return { kind: "broken", message: 'it holds no "hooks"' };
  } catch (thrown) {
    return { kind: "broken", message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function originOf(kind: "user" | "project", file: string): HookOrigin {
  return { kind, file, pluginId: null, pluginRoot: null };
}

function untrusted({ file }: HookOrigin): SessionWarning {
  const message = `The hooks of ${visibleLine(file)} are not run: the file is not trusted as it is. Look at it, then run with --trust.`;
  return { code: "hooks_untrusted", message };
}

function broken({ file }: HookOrigin, why: string): SessionWarning {
  return {
    code: "hooks_invalid",
    message: `The hooks of ${visibleLine(file)} are not run: ${visibleLine(why)}.`,
  };
}

function sameFolder(one: string, other: string): boolean {
  return fs.existsSync(one) && fs.existsSync(other) && fs.realpathSync(one) === fs.realpathSync(other);
}
