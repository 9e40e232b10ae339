import { parseShellText, scanScript } from "./forbid/scan-script.ts";
import { normalizePath } from "./lexical-path.ts";
import { isFixed } from "./shell/script-model.ts";

/** One program that a command text starts, as far as the text tells. */
export interface StartedCommand {
  /** Base name of the program, then its words; null for a word that is only known at run time. */
  words: readonly (string | null)[];
}

/**
 * Lists every program that a text starts: in each part of a compound, inside substitutions, behind wrappers such as
 * `env` and `sudo`, and in texts that are handed to another shell. What scripts start is not in it.
 */
export async function startedCommands(
  command: string,
  place: { cwd: string; home?: string },
): Promise<StartedCommand[]> {
  const cwd = normalizePath(place.cwd);
  const home = place.home === undefined ? "/home/\ue003" : normalizePath(place.home);
  const around = { cwd, home, roots: [cwd] };
  const scan = await scanScript(await parseShellText(command, around), around);
  return scan.commands.flatMap(({ effective }) =>
    effective.map(({ name, args }) => ({
      words: [name, ...args.map((arg) => (isFixed(arg) ? arg.text : null))],
    })),
  );
}
