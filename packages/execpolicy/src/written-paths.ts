import { parseShellText, scanScript } from "./forbid/scan-script.ts";
import { normalizePath } from "./lexical-path.ts";
import type { EffectiveCommand } from "./shell/effective-command.ts";
import { fixedWord, isFixed, type ShellWord } from "./shell/script-model.ts";
import { argumentTargets, operandsOf, redirectTargets } from "./shell/write-targets.ts";

/**
 * Lists what a command text creates, overwrites or adds to: redirections, editors in place (`sed -i`, `ed`), `tee`, `cp`,
 * `patch` and the like. Paths are absolute, null where only running tells; `patch` and `git apply` stand for their
 * folder. Programs and scripts that open files by themselves are not in it.
 */
export async function writtenPaths(
  command: string,
  place: { cwd: string; home?: string },
): Promise<(string | null)[]> {
  const cwd = normalizePath(place.cwd);
  const home = place.home === undefined ? "/home/\ue003" : normalizePath(place.home);
  const around = { cwd, home, roots: [cwd] };
  const scan = await scanScript(await parseShellText(command, around), around);
  const paths = scan.commands.flatMap(({ command: simple, effective }) => [
    ...redirectTargets(simple).map((word) => pathOf(word, simple.cwd)),
    ...effective.flatMap((each) => targetsOf(each).map((word) => pathOf(word, each.command.cwd))),
  ]);
  return [...new Set(paths)].filter((path) => path === null || !path.startsWith("/dev/"));
}

const PATCHES = /^(?:patch|apply_?patch)$/;

function targetsOf(effective: EffectiveCommand): ShellWord[] {
  const { name, args } = effective;
  const isPatch = name === "git" ? operandsOf(args, "Cc")[0]?.text === "apply" : PATCHES.test(name);
  if (isPatch) return [fixedWord(".")];
  // A new time is no new text; what lies on another machine is nobody's edit here.
  if (name === "touch") return [];
  return argumentTargets(effective).filter((word) => !/^(?:-|[^/:]+:.*)$/.test(word.text));
}

function pathOf(word: ShellWord, folder: string | null): string | null {
  if (!isFixed(word) || word.globbed) return null;
  if (word.text.startsWith("/")) return normalizePath(word.text);
  return folder === null ? null : normalizePath(`${folder}/${word.text}`);
}
