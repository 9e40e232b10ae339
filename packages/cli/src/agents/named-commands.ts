import fs from "node:fs";
import path from "node:path";
import { scriptsIn, targetsIn } from "./manifests.ts";

/** Programs that people name in such files; other words in backticks are names of things. */
const PROGRAM =
  /^(?:npm|npx|pnpm|yarn|bun|node|deno|make|just|python3?|pytest|pip3?|poetry|uv|tox|nox|ruff|mypy|cargo|go|gradle|mvn|cmake|ctest|docker|git|bash|sh|tsc|eslint|prettier|vitest|jest|biome)$/;
const OWN_COMMANDS = new Set(
  "install i ci add remove rm uninstall update up outdated audit publish pack link exec x dlx create init why ls list view version cache config login logout prune dedupe rebuild workspaces workspace set upgrade info help store import fetch pm".split(
    " ",
  ),
);

/**
 * Says what a command names that is not there: a script, a target, a file or a program; null where all is well or the text
 * is no command. Looks only; runs nothing.
 */
export function missingCommand(text: string, folders: readonly string[], searchPath: string): string | null {
  const first = text.split(/\s*(?:&&|\|\||;|\|)\s*/)[0] ?? "";
  const words = first.split(/\s+/).filter((word) => !/^\w+=/.test(word));
  const [program = "", ...rest] = words;
  if (words.length === 0 || /[<>{}…]|\.\.\.$/.test(first)) return null;
  // Alone it is a file that is talked about; with words behind it, it is run.
  if (program.includes("/") && !program.startsWith("/") && rest.length > 0) {
    return folders.some((folder) => fs.existsSync(path.join(folder, program)))
      ? null
      : `${first}: there is no ${program}`;
  }
  if (!PROGRAM.test(program) || (rest.length === 0 && program !== "pytest")) return null;
  const script = scriptOf(program, rest);
  if (script !== null) {
    const scripts = folders.flatMap(scriptsIn);
    if (scripts.length === 0) return `${first}: there is no package.json with scripts here`;
    return scripts.includes(script) ? null : `${first}: package.json has no script "${script}"`;
  }
  if (program === "make") {
    const target = rest.find((word) => !word.startsWith("-") && !word.includes("="));
    const targets = folders.flatMap(targetsIn);
    if (target !== undefined && !targets.includes(target) && !targets.includes("%"))
      return `${first}: no Makefile here has the target "${target}"`;
  }
  return isOnPath(program, folders, searchPath)
    ? null
    : `${first}: the program ${program} is not installed here`;
}

/** The script of package.json that a command runs; null where it runs none. */
function scriptOf(program: string, words: readonly string[]): string | null {
  if (!/^(?:npm|pnpm|yarn|bun)$/.test(program)) return null;
  const [verb = "", name = ""] = words.filter((word) => !word.startsWith("-"));
  if (words[0]?.startsWith("-")) return null;
  if (verb === "run" || verb === "run-script") return name === "" ? null : name;
  if (verb === "test" || verb === "t") return program === "bun" ? null : "test";
  if (verb === "start") return "start";
  if (program === "npm" || program === "bun" || verb === "" || OWN_COMMANDS.has(verb)) return null;
  return verb;
}

/** Whether a program is in a folder of PATH, or comes with the project's own packages. */
function isOnPath(program: string, folders: readonly string[], searchPath: string): boolean {
  const places = [
    ...searchPath.split(path.delimiter),
    ...folders.map((folder) => path.join(folder, "node_modules/.bin")),
  ];
  return places.some((folder) => path.isAbsolute(folder) && fs.existsSync(path.join(folder, program)));
}
