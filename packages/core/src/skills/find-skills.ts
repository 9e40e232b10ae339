import { join } from "node:path";
import { visibleLine } from "@quire/protocol";
import { parseSkill, type SkillFile } from "./parse-skill.ts";
import type { FoundSkills, Skill, SkillProblem, SkillScope } from "./skill.ts";

/** A folder that holds skills. */
export interface SkillRoot {
  readonly folder: string;
  readonly scope: SkillScope;
  readonly pluginId: string | null;
  /** The prefix of its names, with which those of a plugin cannot take the place of others. */
  readonly prefix: string;
  /** Skills from there whose real path is not inside this one are refused; null for the user's own. */
  readonly inside: string | null;
}

/** What finding skills needs of the machine. */
export interface SkillFiles {
  /** The folders below a root that hold a SKILL.md. */
  folders(root: string): readonly string[];
  /** Null when it is not there, too large, no text, or leads out of `inside`. */
  read(file: string, inside: string | null): string | null;
  realpath(path: string): string;
  /** What could run in the folder, and whether the user has trusted it as it is. */
  trust(folder: string, root: SkillRoot): { executables: readonly string[]; trusted: boolean };
}

/** Finds the skills of all roots; of two with one name the one from the earlier root counts. */
export async function findSkills(roots: readonly SkillRoot[], files: SkillFiles): Promise<FoundSkills> {
  const skills = new Map<string, Skill>();
  const problems: SkillProblem[] = [];
  const seen = new Set<string>();
  for (const root of roots) {
    for (const folder of files.folders(root.folder)) {
      const real = files.realpath(folder);
      if (seen.has(real)) continue;
      seen.add(real);
      const found = await readSkill(folder, root, files);
      if ("kind" in found) {
        problems.push(found);
        continue;
      }
      const other = skills.get(found.name);
      if (other === undefined) skills.set(found.name, found);
      else {
        const message = `${visibleLine(found.path)} is not used: ${visibleLine(other.path)} has the same name, ${found.name}.`;
        problems.push({ path: found.path, kind: "shadowed", message });
      }
    }
  }
  return { skills: [...skills.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), problems };
}

async function readSkill(folder: string, root: SkillRoot, files: SkillFiles): Promise<Skill | SkillProblem> {
  const path = join(folder, "SKILL.md");
  const text = files.read(path, root.inside);
  if (text === null) return invalid(path, "it cannot be read as text, or leads out of its project");
  const parsed = await parseSkill(text);
  if (!parsed.ok) return invalid(path, parsed.message);
  const { executables, trusted } = files.trust(folder, root);
  if (!trusted) {
    const what = executables.length > 0 ? `it brings ${executables[0]} and` : "it";
    const message = `The skill ${root.prefix}${parsed.skill.name} (${visibleLine(path)}) is not offered: ${visibleLine(what)} is not trusted as it is. Look at it, then run with --trust.`;
    return { path, kind: "untrusted", message };
  }
  return skillOf(parsed.skill, { path, folder, executables, root });
}

function skillOf(
  file: SkillFile,
  at: { path: string; folder: string; executables: readonly string[]; root: SkillRoot },
): Skill {
  const { path, folder, executables, root } = at;
  return {
    name: `${root.prefix}${file.name}`,
    description: visibleLine(file.description),
    path,
    folder,
    scope: root.scope,
    pluginId: root.pluginId,
    implicit: true,
    executables,
  };
}

function invalid(path: string, why: string): SkillProblem {
  return {
    path,
    kind: "invalid",
    message: `The skill ${visibleLine(path)} is not used: ${visibleLine(why)}.`,
  };
}
