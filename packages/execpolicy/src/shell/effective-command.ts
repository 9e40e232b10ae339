import { fixedWord, type ShellCommand, type ShellWord } from "./script-model.ts";

/** A command with its wrappers taken off: `sudo env X=1 rm -rf /` is, in the end, `rm -rf /`. */
export interface EffectiveCommand {
  /** Base name of the program, `rm` for `/bin/rm`. */
  name: string;
  /** The program as written. */
  invoked: string;
  args: ShellWord[];
  /** Names of the wrappers around it, outermost first. */
  wrappers: string[];
  command: ShellCommand;
}

export const SHELLS = /^(?:r?bash|sh|dash|zsh|ksh|mksh|ash|fish|csh|tcsh|pwsh)$/;
/** Programs that run a program text given as an argument or on standard input. */
export const INTERPRETERS =
  /^(?:python[0-9.]*|pypy[0-9.]*|perl|ruby|node|nodejs|php|lua[0-9.]*|tclsh|deno|bun|Rscript|julia|osascript|groovy|gawk|mawk|awk)$/;

/** An effective command with further fixed arguments, as `xargs` would start it. */
export function withArguments(effective: EffectiveCommand, texts: readonly string[]): EffectiveCommand {
  return { ...effective, args: [...effective.args, ...texts.map((text) => fixedWord(text))] };
}
