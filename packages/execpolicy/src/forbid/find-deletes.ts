import { SHELLS } from "../shell/effective-command.ts";
import type { ShellWord } from "../shell/script-model.ts";

/** `find` deletes, directly or through a program, below its start paths. */
export function findDeletes(args: readonly ShellWord[]): boolean {
  return args.some((arg, index) => {
    if (arg.text === "-delete") return true;
    if (!/^-(?:exec|execdir|ok|okdir)$/.test(arg.text)) return false;
    const program = args[index + 1]?.text ?? "";
    return (
      /(?:^|\/)(?:rm|shred|unlink|truncate|rmdir|chmod|chown|dd|mv)$/.test(program) ||
      deletesThroughShell(args, index)
    );
  });
}

/** `find … -exec sh -c 'rm "$1"'` deletes as well. */
function deletesThroughShell(args: readonly ShellWord[], index: number): boolean {
  const program = args[index + 1]?.text ?? "";
  return (
    SHELLS.test(program.slice(program.lastIndexOf("/") + 1)) &&
    args.slice(index + 2).some((arg) => /\b(?:rm|shred|unlink|truncate|chmod|chown)\b/.test(arg.text))
  );
}

export function findStarts(args: readonly ShellWord[]): ShellWord[] {
  const end = args.findIndex(
    (arg) => /^(?:-[^HLPOD]|-.{2,}|[(!])/.test(arg.text) && !/^-O[0-9]$/.test(arg.text),
  );
  return args.slice(0, end < 0 ? args.length : end).filter((arg) => !arg.text.startsWith("-"));
}
