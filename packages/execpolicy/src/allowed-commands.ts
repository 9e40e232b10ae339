import { classify } from "./classify.ts";
import type { CommandContext } from "./command-context.ts";
import { literalText } from "./plain/plain-command.ts";
import { recognizePlain } from "./plain/recognize-plain.ts";
import { INTERPRETERS, SHELLS } from "./shell/effective-command.ts";
import { scriptFromPlain } from "./shell/from-plain.ts";
import { unwrapCommand } from "./shell/unwrap-command.ts";
import { WRAPPERS } from "./shell/wrappers.ts";

/** Whether a list of allowed commands covers a command, and if not, why. */
export type AllowedVerdict = { kind: "allowed" } | { kind: "refused"; why: string };

/** Programs that start others, or write, by way of their options; a bare name on the list is not enough for them. */
const HELD_TO_READING =
  /^(?:git|find|fd|tar|rsync|sed|rg|sort|split|vim?|ex|ed|less|more|man|zip|unzip|dd|tee|install|ssh|scp|curl|wget|make|npm|npx|pip[0-9.]*|cargo|go)$/;

/**
 * Judges shell text by a closed list. Each entry is a program (`ls`) or a program with its first words (`python3 -m
 * pytest`). Every simple command of the text, and every command that one starts through a wrapper such as `env` or
 * `xargs`, must be covered:
 *
 * - only plain commands are: no substitution, no variable, no file redirection, no group;
 * - words are compared, never text; a program given by a path matches only an entry with that path;
 * - shells, interpreters and programs that start others by an option (`git -c`, `find -exec`) are covered by an entry of
 *   one word only where the command is known to do no more than read. An entry of several words covers an interpreter
 *   with whatever follows, because then the caller chose what it runs; the others have to be given in full.
 */
export async function judgeAllowed(
  command: string,
  allowed: readonly string[],
  context: CommandContext,
): Promise<AllowedVerdict> {
  const plain = recognizePlain(command);
  if (plain.kind !== "plain") return refused(`not a plain command: ${plain.why}`);
  if (plain.shell !== null) return refused("a shell around the command");
  const entries = allowed.map((entry) => entry.split(/\s+/).filter((word) => word !== ""));
  for (const each of plain.commands) {
    if (each.assignments.length > 0) return refused("a variable in front of the command");
    if (each.redirects.some((redirect) => redirect.kind === "input")) return refused("a file as input");
    if (each.argv.some((word) => word.leadingGlob)) return refused("a pattern that may expand to an option");
    if (each.argv.slice(0, 1).some((word) => word.glob || literalText(word) === null)) {
      return refused("a program name that is not fixed");
    }
  }
  const around = { cwd: context.cwd, home: context.home ?? "/", roots: [...context.workspaceRoots] };
  const judged = await classify(command, context);
  if (judged.verdict === "forbid") return refused(judged.why);
  for (const part of scriptFromPlain(plain.commands, around).commands) {
    const reading = judged.verdict === "safe";
    const own = part.words.map((word) => word.text);
    const verdict = judgeWords(own, entries, reading);
    if (verdict !== null) return refused(verdict);
    const inner = unwrapCommand(part);
    if (inner.texts.length > 0) return refused(`text that ${own[0] ?? "it"} would run`);
    for (const effective of inner.commands) {
      if (effective.wrappers.length === 0) continue;
      const why = judgeWords([effective.invoked, ...effective.args.map((arg) => arg.text)], entries, reading);
      if (why !== null) return refused(why);
    }
  }
  return { kind: "allowed" };
}

function judgeWords(words: readonly string[], entries: readonly string[][], reading: boolean): string | null {
  const [program = ""] = words;
  const fitting = entries.filter(
    (entry) => entry.length > 0 && entry.every((word, at) => words[at] === word),
  );
  if (fitting.length === 0) return `${program} is not among the allowed commands`;
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (Object.hasOwn(WRAPPERS, name)) return null;
  const runsCode = INTERPRETERS.test(name) || SHELLS.test(name);
  if (!runsCode && !HELD_TO_READING.test(name)) return null;
  if (reading || fitting.some((entry) => entry.length === words.length && entry.length > 1)) return null;
  if (runsCode && fitting.some((entry) => entry.length > 1 && !runsText(entry))) return null;
  return `${name} can run anything: allow the whole command that is meant`;
}

/** An entry such as `python3 -c` would allow every program text there is. */
function runsText(entry: readonly string[]): boolean {
  return (
    entry.slice(1).some((word) => /^-\w*[ceEpr]$|^--(eval|print|require)/.test(word)) || entry.at(-1) === "-"
  );
}

function refused(why: string): AllowedVerdict {
  return { kind: "refused", why };
}
