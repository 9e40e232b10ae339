import { CodedError } from "@quire/protocol";
import type { SkillsListEntry } from "@quire/protocol/app-server";
import { type EngineBase, readConfig } from "../engine/thread-config.ts";
import { workingDirectory } from "../session/workspace.ts";
import { skillPlace } from "./extensions.ts";
import { findSessionSkills } from "./session-skills.ts";

const MOST_FOLDERS = 20;

/** The skills that a thread would be offered in each of the folders; of the process's own without any. */
export async function listSkills(base: EngineBase, cwds: readonly string[]): Promise<SkillsListEntry[]> {
  const { system, home } = base;
  if (cwds.length > MOST_FOLDERS) {
    throw new CodedError("usage_invalid", `skills are listed for at most ${MOST_FOLDERS} folders at once`);
  }
  const entries: SkillsListEntry[] = [];
  for (const word of cwds.length > 0 ? cwds : [system.cwd]) {
    const cwd = workingDirectory(system.cwd, word);
    const { project } = await readConfig(base, cwd, []);
    const { skills, problems } = await findSessionSkills(skillPlace({ system, home, cwd, project }));
    entries.push({
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
    });
  }
  return entries;
}
