import type { Skill } from "./skill.ts";

/** The list of skills for a request, and what of it did not fit. */
export interface SkillList {
  /** Null without skills. */
  readonly text: string | null;
  /** Skills whose description was shortened. */
  readonly shortened: number;
  /** Skills that are not named at all. */
  readonly leftOut: readonly string[];
}

export const SKILLS_TAG = "<skills_instructions>";

const MOST_CHARACTERS = 8000;
const WINDOW_SHARE = 0.02;
const CHARACTERS_PER_TOKEN = 4;
const SHORTEST = 20;

const HEAD = `${SKILLS_TAG}
A skill is a folder of instructions for one kind of work. When the user names one as $name, or a description below fits the work, read its SKILL.md whole before you begin and follow it; name the skill you use. Paths in it are relative to its folder. Read what it points to only when it is needed, and run its scripts with your command tool, in the sandbox, rather than retyping them. If a skill cannot be read, say so and go on without it.
Skills:`;
const TAIL = "</skills_instructions>";

/** Characters that the entries of the list may take: 8,000, or 2 % of the model's window when that is less. */
export function skillListBudget(contextWindow: number | null): number {
  if (contextWindow === null) return MOST_CHARACTERS;
  return Math.min(MOST_CHARACTERS, Math.floor(contextWindow * WINDOW_SHARE * CHARACTERS_PER_TOKEN));
}

/**
 * The skills as the model is told of them. Where they take more than `budget` characters, descriptions are shortened
 * evenly, then left out; names go last, and then the text says how many.
 */
export function skillList(skills: readonly Skill[], budget: number): SkillList {
  const listed = skills.filter(({ implicit }) => implicit);
  if (listed.length === 0) return { text: null, shortened: 0, leftOut: [] };
  const limit = descriptionLimit(listed, budget);
  const lines: string[] = [];
  const leftOut: string[] = [];
  let used = 0;
  for (const skill of listed) {
    const line = lineOf(skill, limit);
    if (used + line.length + 1 > budget) {
      leftOut.push(skill.name);
      continue;
    }
    used += line.length + 1;
    lines.push(line);
  }
  if (leftOut.length > 0)
    lines.push(`(${leftOut.length} more skills do not fit here; the user can name them.)`);
  return {
    text: `${HEAD}\n${lines.join("\n")}\n${TAIL}`,
    shortened: listed.filter(({ description }) => description.length > limit).length,
    leftOut,
  };
}

function lineOf({ name, description, path }: Skill, limit: number): string {
  const shown = limit === 0 ? "" : `: ${shorten(description, limit)}`;
  return `- ${name}${shown} (file: ${path})`;
}

function shorten(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1).trimEnd()}…`;
}

/** The largest length of descriptions with which everything fits; 0 when only names do. */
function descriptionLimit(skills: readonly Skill[], budget: number): number {
  const fits = (limit: number) =>
    skills.reduce((sum, skill) => sum + lineOf(skill, limit).length + 1, 0) <= budget;
  const longest = Math.max(...skills.map(({ description }) => description.length));
  if (fits(longest)) return longest;
  let low = SHORTEST - 1;
  let high = longest;
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low < SHORTEST ? 0 : low;
}
