import fs from "node:fs";
import path from "node:path";
import {
  agentFilesIn,
  type ConfiguredAgentRole,
  directoriesBetween,
  isTrustedContent,
  PROJECT_FOLDERS,
  type ProjectFacts,
} from "@quire/config";
import { visibleLine } from "@quire/protocol";
import { readPlainText } from "../session/plain-text.ts";
import type { SessionWarning } from "../session/session-request.ts";
import { type AgentRole, BUILTIN_ROLES } from "./agent-role.ts";
import { readRole } from "./read-role.ts";

/** Where kinds of agents are looked for. */
export interface RolePlace {
  readonly home: string;
  /** Real path. */
  readonly cwd: string;
  readonly project: ProjectFacts;
  readonly configured: readonly ConfiguredAgentRole[];
}

export interface FoundRoles {
  /** The nearest of each name, by name. */
  readonly roles: readonly AgentRole[];
  readonly warnings: readonly SessionWarning[];
}

const MOST_ROLES = 64;
const MOST_NAME = 64;
const NAME = /^[\w.-]+$/;

interface Source {
  readonly name: string;
  readonly description: string | null;
  readonly file: string;
  /** The project's root, outside of which the file must not lie; null for the user's own. */
  readonly inside: string | null;
}

/**
 * The kinds of agents that hold in a place: the project's, where they are trusted as they are, then those of config.toml,
 * then those of the home, then what is built in. What is wrong with one is said, and leaves the others.
 */
export async function findRoles(place: RolePlace): Promise<FoundRoles> {
  const found = new Map<string, AgentRole>();
  const warnings: SessionWarning[] = [];
  const add = (role: AgentRole) => {
    if (!found.has(role.name) && found.size < MOST_ROLES) found.set(role.name, role);
  };
  for (const source of [...projectSources(place), ...ownSources(place)]) {
    const read = await readSource(source, place);
    if (read.role !== null) add(read.role);
    warnings.push(...read.warnings);
  }
  for (const role of BUILTIN_ROLES) add(role);
  return { roles: [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), warnings };
}

function projectSources({ home, cwd, project }: RolePlace): Source[] {
  const root = project.root ?? cwd;
  return directoriesBetween(project.root, cwd)
    .reverse()
    .flatMap((directory) => [...PROJECT_FOLDERS].reverse().map((folder) => path.join(directory, folder)))
    .filter((folder) => folder !== home)
    .flatMap(agentFilesIn)
    .map((file) => ({ name: nameOf(file), description: null, file, inside: root }));
}

function ownSources({ home, configured }: RolePlace): Source[] {
  const named = configured.flatMap(({ name, description, file }) =>
    file === null ? [] : [{ name, description, file, inside: null }],
  );
  const inHome = agentFilesIn(home).map((file) => ({
    name: nameOf(file),
    description: null,
    file,
    inside: null,
  }));
  return [...named, ...inHome];
}

function nameOf(file: string): string {
  return path.basename(file, ".toml");
}

async function readSource(
  source: Source,
  place: RolePlace,
): Promise<{ role: AgentRole | null; warnings: SessionWarning[] }> {
  const { file, inside } = source;
  const shown = visibleLine(file);
  const bad = (why: string) => ({ role: null, warnings: [broken(shown, why)] });
  if (!fs.existsSync(file)) return bad("there is no such file");
  const text = readPlainText(file, inside);
  if (text === null) return bad("it cannot be read as text");
  if (inside !== null && !isTrusted(place, inside, file, text)) {
    const message = `The kind of agent in ${shown} is not used: the file is not trusted as it is. Look at it, then run with --trust.`;
    return { role: null, warnings: [{ code: "agent_untrusted", message }] };
  }
  const read = await readRole(text, source);
  if (!read.ok) return bad(read.problem);
  const { role, unused } = read;
  if (!NAME.test(role.name) || role.name.length > MOST_NAME) {
    return bad("its name is not of letters, digits and . _ - (at most 64)");
  }
  const warnings = unused.length === 0 ? [] : [ignored(shown, unused)];
  return { role, warnings };
}

function isTrusted({ project }: RolePlace, root: string, file: string, text: string): boolean {
  return project.trust === "trusted" && isTrustedContent(project.content, root, file, text);
}

function broken(file: string, why: string): SessionWarning {
  return {
    code: "agent_invalid",
    message: `The kind of agent in ${file} is not used: ${visibleLine(why)}.`,
  };
}

function ignored(file: string, keys: readonly string[]): SessionWarning {
  const message = `${file}: agents do not use ${visibleLine(keys.slice(0, 10).join(", "))}.`;
  return { code: "agent_key_unused", message };
}
