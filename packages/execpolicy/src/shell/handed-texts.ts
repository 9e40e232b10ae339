import { type EffectiveCommand, INTERPRETERS, SHELLS } from "./effective-command.ts";
import type { ShellWord } from "./script-model.ts";
import { afterOptions, WRAPPERS } from "./wrappers.ts";

const MAX_LITERALS = 32;

/** Texts that the command gives to a shell as arguments, here-documents or here-strings. */
export function handedTexts(effective: EffectiveCommand): string[] {
  const { name, args } = effective;
  const texts: string[] = [];
  const joined = (words: readonly ShellWord[]): string => words.map((word) => word.text).join(" ");
  if (SHELLS.test(name)) {
    const option = args.findIndex((arg) => /^-[A-Za-z]*c[A-Za-z]*$/.test(arg.text));
    const script = args[option + 1];
    if (option >= 0 && script) texts.push(script.text);
    else
      for (const redirect of effective.command.redirects) if (redirect.body) texts.push(redirect.body.text);
  } else if (name === "eval") texts.push(joined(args));
  else if (name === "trap") texts.push(args.find((arg) => !arg.text.startsWith("-"))?.text ?? "");
  else if (name === "alias") for (const arg of args) texts.push(arg.text.slice(arg.text.indexOf("=") + 1));
  else if (name === "watch" || name === "parallel" || name === "entr") {
    const wrapper = WRAPPERS[name];
    if (wrapper) texts.push(joined(afterOptions(args, wrapper)));
  } else if (
    name === "env" ||
    name === "su" ||
    name === "runuser" ||
    name === "script" ||
    name === "flock" ||
    name === "sg"
  ) {
    texts.push(...optionTexts(args, name === "env" ? /^(?:-S|--split-string)$/ : /^(?:-c|--command)$/));
  } else if (name === "make" || name === "gmake") {
    for (const arg of args) texts.push(...makeCommands(arg.text));
  } else if (name === "sed" || name === "gsed") {
    // The command of `e`: it follows an address or stands at the start of a line or a block.
    for (const { text } of args)
      for (const match of text.matchAll(/(?:^|[\n;{}0-9$/!])\s*e[ \t]+([^\n]+)/g)) texts.push(match[1] ?? "");
  } else if (name === "tar" || name === "rsync" || name === "scp") {
    texts.push(...programsInOptions(args, PROGRAM_OPTIONS[name]));
  } else if (name === "git") {
    for (const arg of args) {
      const [, alias] = /^alias\.[^=]+=!(.*)$/s.exec(arg.text) ?? [];
      if (alias !== undefined) texts.push(alias);
    }
    const foreach = args.findIndex(
      (arg) => arg.text === "foreach" || arg.text === "--exec" || arg.text === "-x",
    );
    if (foreach >= 0) texts.push(joined(args.slice(foreach + 1).filter((arg) => arg.text !== "--recursive")));
  } else if (name === "ssh") {
    texts.push(joined(remoteWords(args)), ...programsInOptions(args, PROGRAM_OPTIONS.ssh));
  } else if (INTERPRETERS.test(name)) for (const arg of args) texts.push(...commandsInCode(arg.text));
  return texts.filter((text) => text !== "");
}

/** Options whose value is a command for a shell: as the next word, and with what stands before it in the same word. */
const PROGRAM_OPTIONS = {
  tar: {
    next: /^(?:-I|--use-compress-program|--to-command|--checkpoint-action|-F|--info-script|--rsh-command)$/,
    attached:
      /^(?:--(?:use-compress-program|to-command|info-script|rsh-command)=|--checkpoint-action=exec=|exec=)/,
  },
  rsync: { next: /^(?:-[a-zA-Z]*e|--rsh|--rsync-path)$/, attached: /^--(?:rsh|rsync-path)=/ },
  scp: { next: /^-S$/, attached: /^(?:-S|-o ?ProxyCommand=|ProxyCommand=)/ },
  ssh: { next: /^$/, attached: /^(?:-o ?)?(?:ProxyCommand|LocalCommand|KnownHostsCommand)[= ]/i },
} as const;

function programsInOptions(
  args: readonly ShellWord[],
  { next, attached }: { next: RegExp; attached: RegExp },
): string[] {
  return args.flatMap(({ text }, index) => {
    const before = args[index - 1]?.text ?? "";
    const start = attached.exec(text)?.[0];
    if (start !== undefined) return [text.slice(start.length)];
    return index > 0 && next.test(before) ? [text] : [];
  });
}

/** What `make` would run: `$(shell …)`, and the recipes of a makefile that is given as text. */
function makeCommands(text: string): string[] {
  const shells = [...text.matchAll(/\$[({]shell\s+([^)}]*)[)}]/g)].map((match) => match[1] ?? "");
  const recipe = /^(?:--eval=)?[^\s:=]+:[^;=]*;(.*)$/s.exec(text)?.[1];
  return recipe === undefined ? shells : [...shells, recipe];
}

/** The command of `ssh [options] HOST COMMAND`. */
function remoteWords(args: readonly ShellWord[]): ShellWord[] {
  let index = 0;
  while (args[index]?.text.startsWith("-") === true) {
    index += /^-[BbcDEeFIiJLlmOopQRSWw]$/.test(args[index]?.text ?? "") ? 2 : 1;
  }
  return args.slice(index + 1);
}

/** String literals of a program text that starts other programs, one by one and joined: `["rm", "-rf", "/"]`. */
function commandsInCode(code: string): string[] {
  if (!/system|exec|spawn|popen|subprocess|child_process|`|\bsh\b/i.test(code)) return [];
  const literals: string[] = [];
  for (const match of code.matchAll(/"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`([^`]*)`/g)) {
    if (literals.length >= MAX_LITERALS) break;
    const literal = match[1] ?? match[2] ?? match[3] ?? "";
    if (literal !== "") literals.push(literal);
  }
  const joined = literals.filter((literal) => !/\s/.test(literal)).join(" ");
  return joined.includes(" ") ? [...literals, joined] : literals;
}

function optionTexts(args: readonly ShellWord[], option: RegExp): string[] {
  const texts: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const text = args[index]?.text ?? "";
    const attached = /^(?:-S|-c|--split-string=|--command=)(.+)$/s.exec(text);
    if (option.test(text)) texts.push(args[index + 1]?.text ?? "");
    else if (attached?.[1] !== undefined && option.test(text.slice(0, -attached[1].length).replace(/=$/, "")))
      texts.push(attached[1]);
  }
  return texts;
}
