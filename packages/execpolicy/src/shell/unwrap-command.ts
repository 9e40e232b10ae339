import type { EffectiveCommand } from "./effective-command.ts";
import { mayMatchGlob } from "./glob-match.ts";
import { handedTexts } from "./handed-texts.ts";
import type { ShellCommand, ShellWord } from "./script-model.ts";
import { afterOptions, WRAPPERS } from "./wrappers.ts";

/** A text that a command will hand to a shell. */
export interface HandedText {
  text: string;
  by: string;
  cwd: string | null;
}

const MAX_WRAPPERS = 16;

export interface UnwrappedCommand {
  commands: EffectiveCommand[];
  texts: HandedText[];
}

const unwrapped = new WeakMap<ShellCommand, UnwrappedCommand>();

/** The command itself and every command hidden behind its wrappers, plus the texts it gives to a shell. */
export function unwrapCommand(command: ShellCommand): UnwrappedCommand {
  const known = unwrapped.get(command);
  if (known) return known;
  const result = takeWrappersOff(command);
  unwrapped.set(command, result);
  return result;
}

function takeWrappersOff(command: ShellCommand): UnwrappedCommand {
  const commands: EffectiveCommand[] = [];
  const texts: HandedText[] = [];
  let pending: { words: ShellWord[]; wrappers: string[] }[] = [{ words: command.words, wrappers: [] }];
  while (pending.length > 0) {
    const next: typeof pending = [];
    for (const { words, wrappers } of pending) {
      for (const effective of namedCommands(words, wrappers, command)) {
        commands.push(effective);
        for (const text of handedTexts(effective)) texts.push({ text, by: effective.name, cwd: command.cwd });
        if (wrappers.length >= MAX_WRAPPERS) continue;
        for (const inner of innerWords(effective))
          next.push({ words: inner, wrappers: [...wrappers, effective.name] });
      }
    }
    pending = next;
  }
  return { commands, texts };
}

/** Programs worth finding behind a pattern such as `/bin/r?`. */
const WORTH_FINDING = [
  "rm",
  "dd",
  "sh",
  "bash",
  "chmod",
  "chown",
  "shred",
  "mkfs",
  "curl",
  "wget",
  "nc",
  "cat",
  "sudo",
  "mv",
];

function namedCommands(words: ShellWord[], wrappers: string[], command: ShellCommand): EffectiveCommand[] {
  const [program, ...args] = words;
  if (program === undefined) return [];
  const invoked = program.text;
  const base = invoked.slice(invoked.lastIndexOf("/") + 1).replace(/\.exe$/i, "");
  if (!program.globbed) return [{ name: base, invoked, args, wrappers, command }];
  return WORTH_FINDING.filter((name) => mayMatchGlob(base, name)).map((name) => ({
    name,
    invoked,
    args,
    wrappers,
    command,
  }));
}

/** The words of the commands that a wrapper starts. */
function innerWords(effective: EffectiveCommand): ShellWord[][] {
  if (effective.name === "find" || effective.name === "fd" || effective.name === "fdfind")
    return findActions(effective.args);
  if (effective.name === "git") return gitInner(effective.args);
  const wrapper = Object.hasOwn(WRAPPERS, effective.name) ? WRAPPERS[effective.name] : undefined;
  if (!wrapper) return [];
  const inner = afterOptions(effective.args, wrapper);
  return inner.length > 0 ? [inner] : [];
}

function findActions(args: readonly ShellWord[]): ShellWord[][] {
  const actions: ShellWord[][] = [];
  for (let index = 0; index < args.length; index++) {
    if (!/^(?:-exec|-execdir|-ok|-okdir|-x|-X|--exec|--exec-batch)$/.test(args[index]?.text ?? "")) continue;
    let end = index + 1;
    while (end < args.length && args[end]?.text !== ";" && args[end]?.text !== "+") end += 1;
    actions.push(args.slice(index + 1, end));
    index = end;
  }
  return actions;
}

/** `git bisect run CMD` and `git submodule foreach CMD`. */
function gitInner(args: readonly ShellWord[]): ShellWord[][] {
  const at = args.findIndex((arg, index) => arg.text === "run" && args[index - 1]?.text === "bisect");
  return at < 0 ? [] : [args.slice(at + 1)];
}
