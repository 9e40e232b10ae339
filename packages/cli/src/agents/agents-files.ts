import fs from "node:fs";
import path from "node:path";
import { loadConfig, resolveHome } from "@quire/config";
import { loadProjectDocs, type ProjectDocs, type RuleBook, readRuleBook } from "@quire/core";
import { CodedError } from "@quire/protocol";
import { readGuard } from "../session/read-guard.ts";
import { findGitRoot, workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";

/** The AGENTS.md files that hold in a directory, and what was read out of them. */
export interface AgentsFiles {
  cwd: string;
  docs: ProjectDocs;
  rules: RuleBook;
  /** False: the user switched enforcement off. */
  enforced: boolean;
}

/** Finds them as a thread in that directory would. Fails with `directory_unusable` or `config_invalid`. */
export async function loadAgentsFiles(system: System, place: string | null): Promise<AgentsFiles> {
  const given = place === null ? null : path.resolve(system.cwd, place);
  const isFile = given !== null && fs.existsSync(given) && fs.statSync(given).isFile();
  const cwd = workingDirectory(system.cwd, isFile ? path.dirname(given) : given);
  const home = await resolveHome(system.env, system.homeDir);
  const loaded = await loadConfig({ home, cwd, env: system.env });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const { config } = loaded;
  const workspace = {
    cwd,
    gitRoot: findGitRoot(cwd),
    extraWritableRoots: [],
    sandboxMode: "read-only" as const,
    modeNote: null,
  };
  const docs = await loadProjectDocs({
    home,
    cwd,
    mayRead: readGuard({ system, home, loaded }, workspace),
    rootMarkers: config.projectRootMarkers,
    maxBytes: config.projectDocMaxBytes,
    fallbackNames: config.projectDocFallbackFilenames,
  });
  return { cwd, docs, rules: await readRuleBook(docs), enforced: config.projectDocRules !== "off" };
}
