import type { EffectiveCommand } from "./effective-command.ts";
import type { ShellCommand, ShellWord } from "./script-model.ts";

/** Operands of a program, options and their values left out as well as possible. */
export function operandsOf(args: readonly ShellWord[], valued = ""): ShellWord[] {
  const operands: ShellWord[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index];
    if (!arg) break;
    if (arg.text === "--") return [...operands, ...args.slice(index + 1)];
    if (arg.text.startsWith("-") && arg.text !== "-") {
      if (arg.text.length === 2 && valued.includes(arg.text.charAt(1))) index += 1;
    } else operands.push(arg);
  }
  return operands;
}

/** True when one of the letters appears as a short option, alone or bundled, or one of the long names is there. */
export function hasOption(args: readonly ShellWord[], letters: string, ...long: string[]): boolean {
  const end = args.findIndex((arg) => arg.text === "--");
  const pattern = letters === "" ? null : new RegExp(`^-[A-Za-z0-9]*[${letters}]`);
  return args
    .slice(0, end < 0 ? args.length : end)
    .some(
      (arg) =>
        pattern?.test(arg.text) === true ||
        long.some((name) => arg.text === name || arg.text.startsWith(`${name}=`)),
    );
}

/** Values of an option, `-o FILE`, `-oFILE`, `--output FILE` and `--output=FILE` alike. */
export function optionValues(args: readonly ShellWord[], letter: string, ...long: string[]): ShellWord[] {
  const values: ShellWord[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index];
    if (!arg) break;
    const next = args[index + 1];
    if ((letter !== "" && arg.text === `-${letter}`) || long.includes(arg.text)) {
      if (next) values.push(next);
    } else if (letter !== "" && arg.text.startsWith(`-${letter}`) && !arg.text.startsWith("--")) {
      values.push({ ...arg, text: arg.text.slice(2) });
    } else {
      const name = long.find((each) => arg.text.startsWith(`${each}=`));
      if (name !== undefined) values.push({ ...arg, text: arg.text.slice(name.length + 1) });
    }
  }
  return values;
}

/** Files that the redirections of a command create, empty or extend. */
export function redirectTargets(command: ShellCommand): ShellWord[] {
  const targets: ShellWord[] = [];
  for (const { operator, target } of command.redirects) {
    if (target && /^(?:>>?|>\||&>>?|<>|>&)$/.test(operator) && !/^(?:[0-9]+|-|[0-9]+-)$/.test(target.text))
      targets.push(target);
  }
  return targets;
}

const lastOperand = (args: readonly ShellWord[], valued: string): ShellWord[] => {
  const into = optionValues(args, "t", "--target-directory");
  if (into.length > 0) return into;
  const operands = operandsOf(args, valued);
  return operands.length > 1 ? operands.slice(-1) : [];
};

/** A target folder and what a file would be called in it: `cp x .git/hooks/` writes `.git/hooks/x`. */
function copyTargets(args: readonly ShellWord[], valued: string): ShellWord[] {
  const [target] = lastOperand(args, valued);
  if (!target) return [];
  const sources = operandsOf(args, valued).filter((word) => word !== target);
  const inside = sources.map((source) => ({
    ...target,
    text: `${target.text.replace(/\/+$/, "")}/${source.text.slice(source.text.lastIndexOf("/") + 1)}`,
  }));
  return [target, ...inside];
}

type Writer = (args: readonly ShellWord[]) => ShellWord[];

const WRITERS: Readonly<Record<string, Writer>> = {
  tee: (args) => operandsOf(args),
  sponge: (args) => operandsOf(args),
  cp: (args) => copyTargets(args, "Stt"),
  mv: (args) => copyTargets(args, "St"),
  ln: (args) => copyTargets(args, "St"),
  install: (args) => copyTargets(args, "mogSt"),
  rsync: (args) => copyTargets(args, "eBfM"),
  scp: (args) => copyTargets(args, "cFiJloPSX"),
  dd: (args) =>
    args.filter((arg) => arg.text.startsWith("of=")).map((arg) => ({ ...arg, text: arg.text.slice(3) })),
  sed: (args) =>
    hasOption(args, "i", "--in-place")
      ? operandsOf(args, "efl").slice(hasOption(args, "ef", "--expression") ? 0 : 1)
      : [],
  perl: (args) => (hasOption(args, "i") ? operandsOf(args, "eEMIi") : []),
  curl: (args) => [
    ...optionValues(args, "o", "--output"),
    ...optionValues(args, "", "--output-dir"),
    ...optionValues(args, "D", "--dump-header"),
  ],
  wget: (args) => [
    ...optionValues(args, "O", "--output-document"),
    ...optionValues(args, "P", "--directory-prefix"),
  ],
  truncate: (args) => operandsOf(args, "sr"),
  touch: (args) => operandsOf(args, "drt"),
  sort: (args) => optionValues(args, "o", "--output"),
  tar: (args) =>
    hasOption(args, "cruA", "--create") || /^[^-]*c/.test(args[0]?.text ?? "")
      ? optionValues(args, "f", "--file")
      : optionValues(args, "C", "--directory"),
  unzip: (args) => optionValues(args, "d"),
  patch: (args) => operandsOf(args, "pidDFgorVYzB").slice(0, 1),
  ed: (args) => operandsOf(args, "p"),
  ex: (args) => operandsOf(args, "c"),
  vim: (args) => operandsOf(args, "c"),
  vi: (args) => operandsOf(args, "c"),
  nano: (args) => operandsOf(args),
  openssl: (args) => optionValues(args, "", "-out"),
};

/** Files a command writes by its arguments, as far as its manual lets one tell from the text. */
export function argumentTargets(effective: EffectiveCommand): ShellWord[] {
  const writer = Object.hasOwn(WRITERS, effective.name) ? WRITERS[effective.name] : undefined;
  return writer ? writer(effective.args) : [];
}
