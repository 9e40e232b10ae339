import type { SkillsListEntry } from "@quire/protocol/app-server";
import { eachFolder } from "../engine/each-folder.ts";
import type { EngineBase } from "../engine/thread-config.ts";
import { skillPlace } from "./extensions.ts";
import { findSessionSkills } from "./session-skills.ts";

/** The skills that a thread would be offered in each of the folders; of the process's own without any. */
export function listSkills(base: EngineBase, cwds: readonly string[]): Promise<SkillsListEntry[]> {
  const { system, home } = base;
  return eachFolder(base, cwds, "skills", async ({ word, cwd, project }) => {
    const { skills, problems } = await findSessionSkills(skillPlace({ system, home, cwd, project }));
    return {
      cwd: word,
      skills: skills.map(({ name, description, path, scope, pluginId }) => ({
        name,
        description,
        path,
        scope,
        enabled: true,
        pluginId,
      })),
      errors: problems.map(({ path, message }) => ({ path, message })),
    };
  });
}
