import { lstatSync } from "node:fs";
import path from "node:path";
import type { HookDefinition, HookOrigin, SkillUse } from "@quire/core";
import { skillList, skillListBudget, skillUse } from "@quire/core";
import { findSessionHooks } from "../hooks/session-hooks.ts";
import { pluginContributions } from "../plugins/contributions.ts";
import type { SessionRequest, SessionWarning } from "../session/session-request.ts";
import { findSessionSkills, readOfferedSkill, type SkillPlace } from "./session-skills.ts";

/** What users have added to a session. */
export interface Extensions {
  /** The list of skills for the model; null without any. */
  skillsText(contextWindow: number | null): string | null;
  readonly useSkills: SkillUse;
  readonly hooks: readonly HookDefinition[];
  warnings(contextWindow: number | null): SessionWarning[];
}

/** Finds what holds in a session's place. */
export async function openExtensions(request: SessionRequest): Promise<Extensions> {
  const { system, home, workspace, loaded } = request;
  const plugins = pluginContributions(home);
  const place = skillPlace({ system, home, cwd: workspace.cwd, project: loaded.project }, plugins);
  const { skills, problems } = await findSessionSkills(place);
  const hooks = await findSessionHooks({
    home,
    cwd: workspace.cwd,
    project: loaded.project,
    pluginFiles: plugins.hookFiles,
  });
  const listFor = (contextWindow: number | null) => skillList(skills, skillListBudget(contextWindow));
  return {
    skillsText: (contextWindow) => listFor(contextWindow).text,
    useSkills: skillUse(
      () => skills,
      (skill) => readOfferedSkill(place, skill),
    ),
    hooks: hooks.hooks,
    warnings: (contextWindow) => [
      ...plugins.warnings,
      ...hooks.warnings,
      ...problems.map(({ kind, message }) => ({ code: `skill_${kind}`, message })),
      ...leftOutWarning(listFor(contextWindow).leftOut),
    ],
  };
}

/** Where skills are looked for, with those of installed plugins. */
export function skillPlace(
  at: Omit<SkillPlace, "pluginRoots">,
  { skillRoots } = pluginContributions(at.home),
): SkillPlace {
  return { ...at, pluginRoots: skillRoots };
}

/** The hooks.json files of installed plugins. */
export function pluginHookFiles(home: string): readonly HookOrigin[] {
  return pluginContributions(home).hookFiles;
}

/** What commands may read of the Quire home, which is hidden from them: skills are there to be read. */
export function readableFolders(home: string): string[] {
  return [path.join(home, "skills"), ...pluginContributions(home).folders].filter(
    (folder) => lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true,
  );
}

function leftOutWarning(names: readonly string[]): SessionWarning[] {
  if (names.length === 0) return [];
  const message = `The list of skills is too long for a request; the model does not see ${names.join(", ")}. Write $name to use one of them.`;
  return [{ code: "skills_left_out", message }];
}
