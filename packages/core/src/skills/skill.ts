/** Who put a skill there, in the words of the app-server protocol. */
export type SkillScope = "repo" | "user" | "system" | "admin";

/** A folder with a SKILL.md, as it is known before it is used. */
export interface Skill {
  /** By which it is mentioned; one of a plugin is `plugin:name`. */
  readonly name: string;
  readonly description: string;
  /** Absolute path of its SKILL.md. */
  readonly path: string;
  readonly folder: string;
  readonly scope: SkillScope;
  readonly pluginId: string | null;
  /** Whether the model may use it unasked. */
  readonly implicit: boolean;
  /** Files in it that can run, relative to the folder. */
  readonly executables: readonly string[];
}

/** What is wrong with a SKILL.md, or why its skill is not offered. */
export interface SkillProblem {
  readonly path: string;
  readonly kind: "invalid" | "untrusted" | "shadowed";
  readonly message: string;
}

export interface FoundSkills {
  /** By name; no two have the same. */
  readonly skills: readonly Skill[];
  readonly problems: readonly SkillProblem[];
}
