import type { Suggestion } from "../composer/suggestions.ts";

/** The skills of `quire skills list --json`; none where that says something else, such as why it could not be read. */
export function skillSuggestions(report: string): Suggestion[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(report);
  } catch {
    // Words about what went wrong; `/skills` shows them.
    return [];
  }
  const skills = fieldOf(parsed, "skills");
  if (!Array.isArray(skills)) return [];
  return skills.flatMap((skill: unknown): Suggestion[] => {
    const name = fieldOf(skill, "name");
    const description = fieldOf(skill, "description");
    if (typeof name !== "string") return [];
    return [{ value: name, hint: typeof description === "string" ? description : "", isComplete: true }];
  });
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
