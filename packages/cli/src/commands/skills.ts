import path from "node:path";
import { loadConfig, resolveHome } from "@quire/config";
import { parseSkill } from "@quire/core";
import { CodedError, visibleLine, visibleText } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { readPlainText } from "../session/plain-text.ts";
import { findSessionSkills } from "../skills/session-skills.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Skills: folders of instructions that the model reads when it needs them, or when you write $name.

Usage: quire skills list [--json]
       quire skills show NAME
       quire skills lint FOLDER…
       quire skills install FOLDER-OR-GIT[#FOLDER] [--ref BRANCH-OR-TAG]
       quire skills remove NAME

Looked for in .agents/skills, .quire/skills and .codex/skills from here up to the project's root, in skills of the Quire
home, in ~/.agents/skills, in plugins and in /etc/quire/skills. A project's skill that brings programs is only offered
while it is as you trusted it (--trust). install copies into the Quire home and notes the commit.
`;

/** `quire skills`. */
export async function runSkills(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("skills", argv, {
    json: { type: "boolean" },
    ref: { type: "string" },
    help: { type: "boolean", short: "h" },
  });
  const [action, ...words] = positionals;
  if (values.help) return showHelp(HELP, system);
  const home = await resolveHome(system.env, system.homeDir);
  const [word] = words;
  switch (action) {
    case "list":
      return list(home, values.json ?? false, system);
    case "show":
      return show(one(word), home, system);
    case "lint":
      return lint(words, system);
    case "install": {
      const { installSkill } = await import("../skills/installed-skills.ts");
      const name = await installSkill(one(word), values.ref ?? null, { system, home });
      system.stdout.write(`${name} installed; use it as $${name}\n`);
      return EXIT.done;
    }
    case "remove": {
      const { removeSkill } = await import("../skills/installed-skills.ts");
      removeSkill(one(word), home);
      system.stdout.write(`${visibleLine(one(word))} removed\n`);
      return EXIT.done;
    }
    default:
      throw wrongUse("skills", "say list, show, lint, install or remove");
  }
}

function one(word: string | undefined): string {
  if (word === undefined) throw wrongUse("skills", "say which skill");
  return word;
}

async function find(home: string, system: System) {
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env, overrides: [] });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const { skillPlace } = await import("../skills/extensions.ts");
  return findSessionSkills(skillPlace({ system, home, cwd: system.cwd, project: loaded.project }));
}

async function list(home: string, json: boolean, system: System): Promise<number> {
  const [{ skills, problems }, { readInstalledSkills }] = await Promise.all([
    find(home, system),
    import("../skills/installed-skills.ts"),
  ]);
  const installed = readInstalledSkills(home);
  if (json) {
    const rows = skills.map((skill) => ({ ...skill, installed: installed[skill.name] ?? null }));
    system.stdout.write(`${JSON.stringify({ skills: rows, problems }, null, 2)}\n`);
    return EXIT.done;
  }
  for (const { name, description, path: file, scope, pluginId } of skills) {
    const from = installed[name];
    const origin = pluginId === null ? scope : `plugin ${pluginId}`;
    const pinned =
      from === undefined
        ? ""
        : `, from ${visibleLine(from.source)}${from.commit ? ` at ${from.commit.slice(0, 12)}` : ""}`;
    system.stdout.write(`$${name}  ${description}\n  ${origin}: ${visibleLine(file)}${pinned}\n`);
  }
  if (skills.length === 0) system.stdout.write("No skills. See: quire skills --help\n");
  for (const { message } of problems) system.stderr.write(`${message}\n`);
  return EXIT.done;
}

async function show(name: string, home: string, system: System): Promise<number> {
  const { skills } = await find(home, system);
  const skill = skills.find((known) => known.name === name.replace(/^\$/, ""));
  const text = skill && readPlainText(skill.path, null);
  if (!skill || text == null) {
    const known = skills.map((each) => each.name).join(", ") || "none";
    throw new CodedError("usage_invalid", `there is no skill ${JSON.stringify(name)}; known: ${known}`, {
      nextStep: "See: quire skills list",
    });
  }
  const programs =
    skill.executables.length === 0 ? "" : `programs: ${skill.executables.map(visibleLine).join(", ")}\n`;
  system.stdout.write(`${visibleLine(skill.path)}\n${programs}\n${visibleText(text)}`);
  return EXIT.done;
}

async function lint(folders: readonly string[], system: System): Promise<number> {
  if (folders.length === 0) throw wrongUse("skills", "say which folder");
  let broken = false;
  for (const word of folders) {
    const folder = path.resolve(system.cwd, word);
    const text = readPlainText(path.join(folder, "SKILL.md"), null);
    const parsed = text === null ? null : await parseSkill(text);
    const said =
      parsed === null
        ? ["there is no SKILL.md that can be read as text"]
        : parsed.ok
          ? [
              ...parsed.skill.remarks,
              ...(parsed.skill.name === path.basename(folder)
                ? []
                : ["the folder has another name than the skill"]),
            ]
          : [parsed.message];
    broken ||= parsed?.ok !== true;
    for (const line of said.length > 0 ? said : ["fine"])
      system.stdout.write(`${visibleLine(word)}: ${visibleLine(line)}\n`);
  }
  return broken ? EXIT.failed : EXIT.done;
}
