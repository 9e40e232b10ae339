import { basename, dirname } from "node:path";
import type { Field } from "./fields.ts";

const PLAIN_WORD = /^[\w@%+=:,./-]+$/;
const SHELL_NAMES = new Set(["bash", "sh", "zsh", "dash", "ksh", "fish"]);
const SHELL_FOLDERS = new Set(["/bin", "/usr/bin", "/usr/local/bin"]);

/** Shell text, or the argument list some models send in its place. */
export const commandText: Field<string | string[]> = {
  required: true,
  read(value) {
    if (typeof value === "string") return { ok: true, value };
    if (Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string")) {
      return { ok: true, value };
    }
    return { ok: false, expected: "a string of shell text" };
  },
};

/** An argument list as shell text. A list that only calls a shell (`bash -lc text`) is that text. */
export function toShellText(command: string | readonly string[]): string {
  if (typeof command === "string") return command;
  const [program, option, script] = command;
  if (command.length === 3 && program !== undefined && script !== undefined) {
    if (SHELL_NAMES.has(basename(program)) && (option === "-c" || option === "-lc")) return script;
  }
  return command.map(quoteForShell).join(" ");
}

export function quoteForShell(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The program for the shell that a call names, or null for anything but a well-known shell in a system folder: a shell
 * of the model's own choosing would run instead of the text that the policy judged.
 */
export function shellPath(named: string | undefined, usual: string): string | null {
  if (named === undefined || named === usual || named === basename(usual)) return usual;
  if (!SHELL_NAMES.has(basename(named))) return null;
  if (named === basename(named)) return `/bin/${named}`;
  return SHELL_FOLDERS.has(dirname(named)) ? named : null;
}
