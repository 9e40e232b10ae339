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
import { type RoleFileProblem, readRole } from "./read-role.ts";

/** Where kinds of agents are looked for. */
export interface RolePlace {
  readonly home: string;
  /** Real path. */
  readonly cwd: string;
  readonly project: ProjectFacts;
  readonly configured: readonly ConfiguredAgentRole[];
}

/** What is wrong with a kind of agent: `agent_invalid` and `agent_untrusted` are not used, the others are. */
export interface RoleWarning extends SessionWarning {
  readonly code: "agent_invalid" | "agent_untrusted" | "agent_key_unused" | "agent_limit";
  readonly file: string;
  /** From 1; null where it is about the file as a whole. */
  readonly line: number | null;
  readonly key: string | null;
}

export interface FoundRoles {
  /** The nearest of each name, by name. */
  readonly roles: readonly AgentRole[];
  /** Those of which there is a nearer one with the same name. */
  readonly hidden: readonly AgentRole[];
  readonly warnings: readonly RoleWarning[];
}

/** Beside those that are built in. */
const MOST_ROLES = 64;
/** Keys of one file that are told of. */
const MOST_UNUSED = 10;

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
  const hidden: AgentRole[] = [];
  const warnings: RoleWarning[] = [];
  const add = (role: AgentRole) => (found.has(role.name) ? hidden.push(role) : found.set(role.name, role));
  for (const source of [...projectSources(place), ...ownSources(place)]) {
    const { role, warnings: said } = await readSource(source, place);
    warnings.push(...said);
    if (role === null) continue;
    if (found.size < MOST_ROLES || found.has(role.name)) add(role);
    else warnings.push(warningOf("agent_limit", source.file, `there are ${MOST_ROLES} nearer kinds already`));
  }
  for (const role of BUILTIN_ROLES) add(role);
  const byName = (a: AgentRole, b: AgentRole) => (a.name < b.name ? -1 : 1);
  return { roles: [...found.values()].sort(byName), hidden: hidden.sort(byName), warnings };
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
): Promise<{ role: AgentRole | null; warnings: RoleWarning[] }> {
  const { file, inside } = source;
  const bad = (code: RoleWarning["code"], problem: RoleFileProblem | string) => ({
    role: null,
    warnings: [warningOf(code, file, problem)],
  });
  if (!fs.existsSync(file)) {
    return bad(
      "agent_invalid",
      `there is no such file; write it, or mend config_file of [agents.${source.name}]`,
    );
  }
  const text = readPlainText(file, inside);
  if (text === null) return bad("agent_invalid", "it must be a file of UTF-8 text of at most 1 MiB");
  if (inside !== null && !isTrusted(place, inside, file, text)) {
    return bad("agent_untrusted", "the file is not trusted as it is; look at it, then run with --trust");
  }
  const read = await readRole(text, source);
  if (!read.ok) return bad("agent_invalid", read.problem);
  const warnings = read.unused.slice(0, MOST_UNUSED).map((one) => warningOf("agent_key_unused", file, one));
  return { role: read.role, warnings };
}

function isTrusted({ project }: RolePlace, root: string, file: string, text: string): boolean {
  return project.trust === "trusted" && isTrustedContent(project.content, root, file, text);
}

function warningOf(code: RoleWarning["code"], file: string, said: RoleFileProblem | string): RoleWarning {
  const { line, key, message } = typeof said === "string" ? { line: null, key: null, message: said } : said;
  const place = `${visibleLine(file)}${line === null ? "" : `:${line}`}`;
  const outcome = code === "agent_key_unused" ? "It is ignored." : "The kind of agent is not used.";
  const words = visibleLine(message).replace(/[.?]?$/, (end) => (end === "?" ? "?" : "."));
  return { code, message: `${place}: ${words} ${outcome}`, file, line, key };
}
