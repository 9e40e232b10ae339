import fs from "node:fs";
import path from "node:path";
import {
  CodedError,
  expandSavedPrompt,
  isSavedPromptName,
  parseSavedPrompt,
  type SavedPrompt,
  savedPromptCall,
} from "@quire/protocol";
import { readPlainText } from "../session/plain-text.ts";
import { pluginContributions } from "./contributions.ts";

/** The prompts of the Quire home and of plugins, by name. Those of plugins are called `plugin:name`. */
function readSavedPrompts(home: string): SavedPrompt[] {
  const folder = path.join(home, "prompts");
  const own = fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.endsWith(".md")) : [];
  const files = [
    ...own.map((name) => ({ prefix: "", file: path.join(folder, name) })),
    ...pluginContributions(home).promptFiles,
  ];
  return files
    .flatMap(({ prefix, file }) => {
      const name = `${prefix}${path.basename(file, ".md")}`;
      const text = isSavedPromptName(name) ? readPlainText(file, null) : null;
      return text === null ? [] : [parseSavedPrompt(name, text)];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The text itself, or what the saved prompt that it calls amounts to. Fails with `usage_invalid`. */
export function expandPromptCall(text: string, home: string): string {
  const call = savedPromptCall(text);
  if (call === null) return text;
  const prompts = readSavedPrompts(home);
  const prompt = prompts.find(({ name }) => name === call.name);
  if (prompt === undefined) {
    const known = prompts.map(({ name }) => name).join(", ") || "none";
    throw new CodedError("usage_invalid", `there is no saved prompt ${call.name}; known: ${known}`, {
      nextStep: `Saved prompts are the files NAME.md in ${path.join(home, "prompts")}.`,
    });
  }
  const expanded = expandSavedPrompt(prompt, call.words);
  if (expanded.ok) return expanded.text;
  const wanted = expanded.missing.map((name) => `${name}=…`).join(" ");
  throw new CodedError("usage_invalid", `the saved prompt ${call.name} needs values: ${wanted}`, {
    nextStep: `Say them behind its name: /prompts:${call.name} ${wanted}`,
  });
}
