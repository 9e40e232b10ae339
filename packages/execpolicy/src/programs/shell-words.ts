import { ask, optionTable, type ProgramRule, type ProgramVerdict } from "./program-rule.ts";

const harmless: ProgramVerdict = { kind: "read-only", paths: [] };

function rule(judge: ProgramRule["judge"], options: Partial<ProgramRule> = {}): ProgramRule {
  return { judge, anyOptionHarmless: false, ...options };
}

const anything = rule(() => harmless, { anyOptionHarmless: true, builtin: true });

const FILE_TESTS = new Set([
  "-e",
  "-f",
  "-d",
  "-r",
  "-w",
  "-x",
  "-s",
  "-L",
  "-h",
  "-b",
  "-c",
  "-p",
  "-S",
  "-g",
  "-u",
  "-k",
  "-O",
  "-G",
  "-N",
]);
const PAIR_TESTS = new Set(["-nt", "-ot", "-ef"]);
const TEXT_TESTS = new Set(["-z", "-n", "-t", "-a", "-o", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"]);

/** `test -v 'a[$(x)]'` and `-R` run code in bash, so only the listed operators are accepted. */
function judgeTest(args: readonly string[]): ProgramVerdict {
  const paths: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (FILE_TESTS.has(arg)) {
      const operand = args[index + 1];
      if (operand !== undefined && operand !== "]") paths.push(operand);
    } else if (PAIR_TESTS.has(arg)) {
      for (const operand of [args[index - 1], args[index + 1]])
        if (operand !== undefined) paths.push(operand);
    } else if (arg.startsWith("-") && !TEXT_TESTS.has(arg) && !/^-[0-9]*$/.test(arg)) {
      return ask(`the test operator ${arg} is not on the read-only list`);
    }
  }
  return { kind: "read-only", paths };
}

/** Every conversion but `%n`, which sets a variable: `printf %n PATH` makes the shell look for programs in `./0`. */
const PRINTS =
  /^(?:[^%]|%%|%[-#0 +']*(?:\*|[1-9][0-9]*)?(?:\.(?:\*|[0-9]*))?(?:[hlLjzt]*[diouxXeEfFgGaAcsbqQ]|\([^()]*\)T))*$/;

function judgePrintf(args: readonly string[], globs: readonly boolean[]): ProgramVerdict {
  const at = args[0] === "--" ? 1 : 0;
  const format = args[at];
  if (format === undefined) return ask("printf without a format");
  if (at === 0 && format.startsWith("-")) return ask("printf can set a variable with -v");
  if (globs[at] === true) return ask("a pattern in the place of a printf format");
  return PRINTS.test(format) ? harmless : ask("printf can set a variable with %n");
}

/** `command -v NAME` and `command -V NAME` describe; `command NAME` runs. */
function judgeCommand(args: readonly string[]): ProgramVerdict {
  const [option, ...names] = args;
  const describes = (option === "-v" || option === "-V") && names.length > 0;
  return describes && !names.some((name) => name.startsWith("-"))
    ? harmless
    : ask("command starts a program");
}

function judgeDate(args: readonly string[], globs: readonly boolean[]): ProgramVerdict {
  if (globs.includes(true)) return ask("a pattern could become an option that sets the clock");
  return DATE_OPTIONS.judge(args, globs);
}

const DATE_OPTIONS = optionTable(
  "-uR -d: -r@ -I --utc --universal --rfc-email --rfc-3339= --iso-8601? --date= --reference@ --debug --resolution",
  {
    operands: "text",
    // Any other operand sets the clock.
    check: (_options, operands) =>
      operands.every((operand) => operand.startsWith("+"))
        ? null
        : "an operand of date without + sets the clock",
  },
);

function judgeSleep(args: readonly string[]): ProgramVerdict {
  const [duration, ...rest] = args;
  const short =
    duration !== undefined && rest.length === 0 && /^(?:[0-9]{1,2}|[0-9]?\.[0-9]+)s?$/.test(duration);
  return short ? harmless : ask("only a sleep below 100 seconds is accepted");
}

const text = (notation: string, builtin = false): ProgramRule =>
  optionTable(notation, { operands: "text", anyOptionHarmless: true, builtin });
const facts = (notation: string): ProgramRule => optionTable(notation, { operands: "none" });

/** Shell builtins that change nothing, and programs that only print facts about the machine or their arguments. */
export const SHELL_WORDS: Readonly<Record<string, ProgramRule>> = {
  echo: anything,
  true: anything,
  false: anything,
  ":": anything,
  printf: rule(judgePrintf, { builtin: true }),
  test: rule(judgeTest, { builtin: true }),
  "[": rule((args) => (args[args.length - 1] === "]" ? judgeTest(args.slice(0, -1)) : ask("[ without ]")), {
    builtin: true,
  }),
  pwd: optionTable("-LP", { operands: "none", builtin: true }),
  type: text("-afptP", true),
  command: rule(judgeCommand, { builtin: true }),
  which: text("-as --all"),
  seq: rule((args) =>
    args.length > 0 && args.every((arg) => /^(?:-w|--equal-width|-?[0-9]{1,7}(?:\.[0-9]{1,6})?)$/.test(arg))
      ? harmless
      : ask("seq with something other than numbers"),
  ),
  expr: text(""),
  sleep: rule(judgeSleep),
  date: rule(judgeDate),
  factor: text(""),
  cal: text("-13jmysw -n: --one --three --julian --monday --sunday --week --year"),
  locale: text("-acmk --all-locales --charmaps --category-name --keyword-name"),
  getconf: text("-a"),
  numfmt: text(
    "-z -d: --debug --delimiter= --field= --format= --from= --from-unit= --grouping --header? --invalid= --padding= " +
      "--round= --suffix= --to= --to-unit= --zero-terminated",
  ),
  uname: facts(
    "-asnrvmpio --all --kernel-name --nodename --kernel-release --kernel-version --machine --processor",
  ),
  arch: facts(""),
  nproc: facts("--all --ignore="),
  whoami: facts(""),
  logname: facts(""),
  tty: facts("-s --silent --quiet"),
  hostname: facts(""),
  uptime: facts("-ps --pretty --since"),
  free: facts("-bkmghtwlv --bytes --kibi --mebi --gibi --kilo --mega --giga --human --wide --total --si"),
  id: text("-agGnruzZ --context --group --groups --name --real --user --zero"),
  groups: text(""),
};

/** Programs whose version question starts nothing from the workspace (no shim, no project file, no wrapper script). */
export const VERSION_QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  node: ["-v", "--version"],
  python: ["-V", "--version"],
  python3: ["-V", "--version"],
  ruby: ["-v", "--version"],
  perl: ["-v", "--version"],
  java: ["-version", "--version"],
  javac: ["-version", "--version"],
  gcc: ["--version"],
  "g++": ["--version"],
  cc: ["--version"],
  clang: ["--version"],
  "clang++": ["--version"],
  make: ["--version"],
  cmake: ["--version"],
  bash: ["--version"],
  curl: ["--version"],
  tar: ["--version"],
  gzip: ["--version"],
  awk: ["--version"],
  gawk: ["--version"],
  sqlite3: ["--version"],
  ssh: ["-V"],
  openssl: ["version"],
};
