import { type MessageItem, visibleLine } from "@quire/protocol";
import { mentionedSkills, skillMessage } from "./mentioned-skills.ts";
import { parseSkill } from "./parse-skill.ts";
import type { Skill } from "./skill.ts";

/** Finds what a message names and reads it: the messages to add for the model, and what to tell the user. */
export type SkillUse = (text: string) => Promise<{
  messages: readonly MessageItem[];
  notes: readonly { code: string; message: string }[];
}>;

/** Bytes of one skill's text that the model is given. */
const MOST_BYTES = 65_536;

/** `read` gives the present text of a SKILL.md, or null when it is no longer what was offered. */
export function skillUse(skills: () => readonly Skill[], read: (skill: Skill) => string | null): SkillUse {
  return async (text) => {
    const messages: MessageItem[] = [];
    const notes: { code: string; message: string }[] = [];
    if (!text.includes("$")) return { messages, notes };
    for (const skill of mentionedSkills(text, skills())) {
      const file = read(skill);
      const parsed = file === null ? null : await parseSkill(file);
      const where = `${skill.name} (${originOf(skill)}, ${visibleLine(skill.path)})`;
      if (parsed === null || !parsed.ok) {
        notes.push({
          code: "skill_unusable",
          message: `The skill ${where} cannot be read any more, or is not as it was when it was offered.`,
        });
        continue;
      }
      const { body, cut } = bounded(parsed.skill.body, skill.path);
      messages.push(skillMessage(skill, body));
      const more = cut > 0 ? ` ${cut} bytes of it did not fit.` : "";
      notes.push({ code: "skill_used", message: `The model is given the skill ${where}.${more}` });
    }
    return { messages, notes };
  };
}

function originOf({ scope, pluginId }: Skill): string {
  return pluginId === null ? scope : `plugin ${pluginId}`;
}

function bounded(body: string, path: string): { body: string; cut: number } {
  const bytes = Buffer.byteLength(body);
  if (bytes <= MOST_BYTES) return { body, cut: 0 };
  // A character that the limit cuts in two is left out.
  const kept = Buffer.from(body)
    .subarray(0, MOST_BYTES)
    .toString("utf8")
    .replace(/\ufffd$/, "");
  const cut = bytes - Buffer.byteLength(kept);
  return { body: `${kept}\n[${cut} bytes are left out here; read ${path} for the rest.]`, cut };
}
