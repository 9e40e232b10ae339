import fs from "node:fs";
import path from "node:path";
import {
  findThreadFile,
  listArchived,
  listRollouts,
  parseRollout,
  readThreadNames,
  writeThreadName,
} from "@quire/core";
import { parseRules } from "@quire/execpolicy";
import type { KeyStore } from "../session/model/key-store.ts";
import { readStoredKey, storedKeyFile } from "../session/model/stored-key.ts";
import { importConfig } from "./import-config.ts";
import type { ImportEntry } from "./report.ts";

export interface ImportRequest {
  /** Codex's home. */
  from: string;
  /** Ours; made when something is taken. */
  home: string;
  dryRun: boolean;
  /** Where a key goes; null when keys are not asked for. */
  keys: KeyStore | null;
}

/** Takes over what is there and not here yet. Links are neither followed nor copied. */
export async function importCodex(request: ImportRequest): Promise<ImportEntry[]> {
  const { from, home, dryRun } = request;
  if (!dryRun) fs.mkdirSync(home, { recursive: true, mode: 0o700 });
  return [
    ...(await importConfig(from, home, dryRun)),
    ...importRules(request),
    ...importInstructions(request),
    ...importPrompts(request),
    ...importSkills(request),
    ...importThreads(request),
    ...importKey(request),
  ];
}

/** Only an API key can be used here, and only when it was asked for; tokens of an account stay where they are. */
function importKey({ from, dryRun, keys }: ImportRequest): ImportEntry[] {
  const name = "auth.json";
  if (!isFile(storedKeyFile(from))) return [];
  if (keys === null) return [left("key", name, "keys are only taken with --with-key")];
  let key: string | null;
  try {
    key = readStoredKey(from);
  } catch (thrown) {
    return [left("key", name, thrown instanceof Error ? thrown.message : String(thrown))];
  }
  if (key === null) return [left("key", name, "it holds no API key, and accounts cannot be used here")];
  if (keys.read() !== null) return [kept("key", name)];
  if (!dryRun) keys.write(key);
  return [taken("key", name)];
}

function importRules({ from, home, dryRun }: ImportRequest): ImportEntry[] {
  const folder = path.join(from, "rules");
  return namesIn(folder)
    .filter((name) => name.endsWith(".rules"))
    .map((name): ImportEntry => {
      const file = path.join(folder, name);
      const target = path.join(home, "rules", name);
      if (fs.existsSync(target)) return kept("rules", name);
      try {
        // A rules file that cannot be read would end every run.
        parseRules(fs.readFileSync(file, "utf8"), file);
      } catch (thrown) {
        return left("rules", name, thrown instanceof Error ? thrown.message : String(thrown));
      }
      if (!dryRun) copyFile(file, target);
      return taken("rules", name);
    });
}

function importPrompts({ from, home, dryRun }: ImportRequest): ImportEntry[] {
  const folder = path.join(from, "prompts");
  return namesIn(folder)
    .filter((name) => name.endsWith(".md") && isFile(path.join(folder, name)))
    .map((name): ImportEntry => {
      const target = path.join(home, "prompts", name);
      if (fs.existsSync(target)) return kept("prompt", name);
      if (!dryRun) copyFile(path.join(folder, name), target);
      return taken("prompt", name);
    });
}

function importInstructions({ from, home, dryRun }: ImportRequest): ImportEntry[] {
  return ["AGENTS.md", "AGENTS.override.md"]
    .filter((name) => isFile(path.join(from, name)))
    .map((name): ImportEntry => {
      const target = path.join(home, name);
      if (fs.existsSync(target)) return kept("instructions", name);
      if (!dryRun) copyFile(path.join(from, name), target);
      return taken("instructions", name);
    });
}

/** Skills that came with Codex itself stand under `.system` and are not the user's. */
function importSkills({ from, home, dryRun }: ImportRequest): ImportEntry[] {
  const folder = path.join(from, "skills");
  return namesIn(folder)
    .filter((name) => !name.startsWith(".") && isFile(path.join(folder, name, "SKILL.md")))
    .map((name): ImportEntry => {
      const target = path.join(home, "skills", name);
      if (fs.existsSync(target)) return kept("skill", name);
      if (!dryRun) {
        fs.cpSync(path.join(folder, name), target, { recursive: true, filter: (file) => !isLink(file) });
      }
      return taken("skill", name);
    });
}

function importThreads({ from, home, dryRun }: ImportRequest): ImportEntry[] {
  const names = readThreadNames(from);
  return [...listRollouts(from), ...listArchived(from)].map(({ id, path: file }): ImportEntry => {
    if (findThreadFile(home, id) !== null) return kept("thread", id);
    const { records } = parseRollout(fs.readFileSync(file));
    if (!records.some(({ type }) => type === "session_meta")) {
      return left("thread", id, "its log cannot be read");
    }
    const name = names.get(id);
    if (!dryRun) {
      if (name !== undefined) writeThreadName(home, id, name, fs.statSync(file).mtimeMs);
      const target = path.join(home, path.relative(from, file));
      copyFile(file, target);
      // The newest thread is the one that was written to last.
      const { atime, mtime } = fs.statSync(file);
      fs.utimesSync(target, atime, mtime);
    }
    return taken("thread", id);
  });
}

function copyFile(file: string, target: string): void {
  fs.mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
  fs.writeFileSync(target, fs.readFileSync(file), { mode: 0o600, flag: "wx" });
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).sort();
  } catch {
    // Nothing of that kind there.
    return [];
  }
}

function isFile(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isLink(file: string): boolean {
  return fs.lstatSync(file).isSymbolicLink();
}

function taken(kind: ImportEntry["kind"], name: string): ImportEntry {
  return { kind, name, outcome: "taken", reason: null };
}

function kept(kind: ImportEntry["kind"], name: string): ImportEntry {
  return { kind, name, outcome: "kept", reason: "there is one here already" };
}

function left(kind: ImportEntry["kind"], name: string, reason: string): ImportEntry {
  return { kind, name, outcome: "left", reason };
}
