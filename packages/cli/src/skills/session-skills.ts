import { existsSync } from "node:fs";
import path from "node:path";
import {
  directoriesBetween,
  findSkillFolders,
  folderManifest,
  isTrustedContent,
  PROJECT_SKILL_FOLDERS,
  type ProjectFacts,
  SYSTEM_CONFIG_FILE,
} from "@quire/config";
import type { FoundSkills, Skill, SkillFiles, SkillRoot } from "@quire/core";
import { realPathOf } from "../session/command-context.ts";
import { readPlainText } from "../session/plain-text.ts";
import type { System } from "../system.ts";

/** Where skills are looked for. */
export interface SkillPlace {
  readonly system: Pick<System, "homeDir">;
  readonly home: string;
  /** Real path. */
  readonly cwd: string;
  readonly project: ProjectFacts;
  /** Folders that installed plugins contribute. */
  readonly pluginRoots: readonly SkillRoot[];
}

const NONE: FoundSkills = { skills: [], problems: [] };

/** The skills that hold in a place. Reads nothing but folder entries where there are none. */
export async function findSessionSkills(place: SkillPlace): Promise<FoundSkills> {
  const roots = skillRoots(place).filter(({ folder }) => existsSync(folder));
  if (roots.length === 0) return NONE;
  const { findSkills } = await import("@quire/core");
  return findSkills(roots, skillFiles(place));
}

/** From the nearest to the farthest: the project from the directory upwards, the user's own, plugins, the machine's. */
function skillRoots({ system, home, cwd, project, pluginRoots }: SkillPlace): SkillRoot[] {
  const root = project.root ?? cwd;
  const plain = { pluginId: null, prefix: "" };
  const own = [path.join(home, "skills"), path.join(system.homeDir, ".agents", "skills")];
  const ofProject = directoriesBetween(project.root, cwd)
    .reverse()
    .flatMap((directory) => PROJECT_SKILL_FOLDERS.map((folder) => path.join(directory, folder)))
    // Most are not there, and following the links of what is missing costs a fault for each of its parents.
    .filter((folder) => existsSync(folder) && !own.some((mine) => realPathOf(mine) === realPathOf(folder)));
  return [
    ...ofProject.map((folder): SkillRoot => ({ ...plain, folder, scope: "repo", inside: root })),
    ...own.map((folder): SkillRoot => ({ ...plain, folder, scope: "user", inside: null })),
    ...pluginRoots,
    {
      ...plain,
      folder: path.join(path.dirname(SYSTEM_CONFIG_FILE), "skills"),
      scope: "admin",
      inside: null,
    },
  ];
}

/** The present text of a skill, null when it is not what was offered. */
export function readOfferedSkill(place: SkillPlace, skill: Skill): string | null {
  const root = place.project.root ?? place.cwd;
  if (skill.scope === "repo" && !trustOf(skill.folder, place).trusted) return null;
  return readPlainText(skill.path, skill.scope === "repo" ? root : null);
}

function skillFiles(place: SkillPlace): SkillFiles {
  return {
    folders: findSkillFolders,
    read: readPlainText,
    realpath: realPathOf,
    trust: (folder, { scope }) =>
      scope === "repo" ? trustOf(folder, place) : { executables: [], trusted: true },
  };
}

/** A project's skill that is text alone is no more than its AGENTS.md; one that brings programs needs the user's word. */
function trustOf(
  folder: string,
  { project, cwd }: SkillPlace,
): { executables: readonly string[]; trusted: boolean } {
  const manifest = folderManifest(folder);
  if (!manifest.ok) return { executables: [], trusted: false };
  const { executables, text } = manifest;
  if (executables.length === 0) return { executables, trusted: true };
  const root = project.root ?? cwd;
  const trusted = project.trust === "trusted" && isTrustedContent(project.content, root, folder, text);
  return { executables, trusted };
}
