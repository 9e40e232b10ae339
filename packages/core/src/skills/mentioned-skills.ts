import { type MessageItem, textMessage } from "@quire/protocol";
import type { Skill } from "./skill.ts";

export const SKILL_TAG = "<skill>";

const MENTION = /(?<![\w$\\])\$(?<name>[A-Za-z0-9][\w.:-]*)/g;
/** Skills that one message can bring along. */
const MOST_MENTIONED = 8;

/** The skills that a text names as `$name`, each once, in the order of the text. */
export function mentionedSkills(text: string, skills: readonly Skill[]): Skill[] {
  const byName = new Map(skills.map((skill) => [skill.name, skill]));
  const found = new Set<Skill>();
  for (const { groups } of text.matchAll(MENTION)) {
    // A sentence ends in a dot, and a name may hold one.
    const name = groups?.name ?? "";
    const skill = byName.get(name) ?? byName.get(name.replace(/[.:-]+$/, ""));
    if (skill !== undefined && found.size < MOST_MENTIONED) found.add(skill);
  }
  return [...found];
}

/** A skill's whole text as the model gets it. A closing tag inside it must not end the frame. */
export function skillMessage(skill: Skill, body: string): MessageItem {
  const framed = body.replace(/<\/(?=skill>)/gi, "<\\/");
  return textMessage(
    "user",
    `${SKILL_TAG}\n<name>${skill.name}</name>\n<path>${skill.path}</path>\n${framed}\n</skill>`,
  );
}
