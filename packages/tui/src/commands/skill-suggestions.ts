import type { SkillsListEntry } from "@quire/protocol/app-server";
import type { Suggestion } from "../composer/suggestions.ts";

/** The skills that can be named in a message, each once. */
export function skillSuggestions(entries: readonly SkillsListEntry[]): Suggestion[] {
  const byName = new Map<string, Suggestion>();
  for (const { skills } of entries) {
    for (const { name, description, enabled } of skills) {
      if (enabled && !byName.has(name))
        byName.set(name, { value: name, hint: description, isComplete: true });
    }
  }
  return [...byName.values()];
}
