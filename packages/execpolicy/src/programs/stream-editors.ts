import { isHarmlessAwkProgram } from "./awk-program.ts";
import { type OptionSpec, parseOptionSpec, scanOptions } from "./option-spec.ts";
import { ask, type ProgramRule, type ProgramVerdict } from "./program-rule.ts";
import { isHarmlessSedScript } from "./sed-script.ts";

let sedSpec: OptionSpec | undefined;

function judgeSed(args: readonly string[], globs: readonly boolean[]): ProgramVerdict {
  if (globs.some((glob, index) => glob && index === 0)) return ask("a pattern in the place of a sed script");
  sedSpec ??= parseOptionSpec(
    "-nErsuz -e: --quiet --silent --expression= --regexp-extended --separate --unbuffered --null-data --sandbox --posix " +
      "--help --version",
  );
  const scan = scanOptions(args, sedSpec);
  if (scan.kind === "refused") return ask(`the sed option ${scan.option} is not on the read-only list`);
  if (scan.options.some((option) => option.name === "--help" || option.name === "--version")) {
    return { kind: "read-only", paths: [] };
  }
  const given = scan.options.filter((option) => option.name === "-e" || option.name === "--expression");
  const scripts = given.map((option) => option.value ?? "");
  const files = given.length > 0 ? scan.operands : scan.operands.slice(1);
  if (given.length === 0) scripts.push(scan.operands[0] ?? "");
  // Several -e pieces are joined by newlines and could complete each other; each must be whole by itself.
  if (!scripts.every(isHarmlessSedScript)) return ask("the sed script does more than print and substitute");
  return { kind: "read-only", paths: files.filter((file) => file !== "-") };
}

let awkSpec: OptionSpec | undefined;

function judgeAwk(args: readonly string[], globs: readonly boolean[]): ProgramVerdict {
  awkSpec ??= parseOptionSpec("-F:");
  const scan = scanOptions(args, awkSpec);
  if (scan.kind === "refused") return ask(`the awk option ${scan.option} is not on the read-only list`);
  const [program = "", ...files] = scan.operands;
  if (globs[args.indexOf(program)]) return ask("a pattern in the place of an awk program");
  if (!isHarmlessAwkProgram(program)) return ask("the awk program does more than print");
  // `name=value` is an assignment, and what begins with /inet is a connection for gawk.
  if (files.some((file) => file.includes("=") || /^\/+inet/.test(file)))
    return ask("an operand of awk is no file");
  return { kind: "read-only", paths: files.filter((file) => file !== "-") };
}

const JQ_SPEC =
  "-rRnsScCMaje --raw-output --raw-input --null-input --slurp --sort-keys --compact-output --color-output " +
  "--monochrome-output --ascii-output --join-output --exit-status --tab --raw-output0 --seq --stream --unbuffered --indent=";
const JQ_PAIRS = new Map([
  ["--arg", "text"],
  ["--argjson", "text"],
  ["--slurpfile", "path"],
  ["--rawfile", "path"],
]);
/** The environment, modules and files beyond the operands are reached only through these words. */
const JQ_REACHES_OUT = /env|import|include|modulemeta|\$__|debug|input_filename|get_search_list|halt_error/i;

let jqSpec: OptionSpec | undefined;

function judgeJq(args: readonly string[], globs: readonly boolean[]): ProgramVerdict {
  // Old versions do not take `--` as the end of the options.
  if (args.includes("--")) return ask("-- in a jq command");
  const paths: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    const pair = JQ_PAIRS.get(arg);
    if (pair === undefined) rest.push(arg);
    else {
      if (pair === "path") paths.push(args[index + 2] ?? "");
      index += 2;
    }
  }
  jqSpec ??= parseOptionSpec(JQ_SPEC);
  const scan = scanOptions(rest, jqSpec);
  if (scan.kind === "refused") return ask(`the jq option ${scan.option} is not on the read-only list`);
  const [filter, ...files] = scan.operands;
  const filterIndex = filter === undefined ? -1 : args.indexOf(filter);
  if (filter === undefined || globs[filterIndex]) return ask("no fixed jq filter");
  if (JQ_REACHES_OUT.test(filter)) return ask("the jq filter may read the environment or a module");
  return { kind: "read-only", paths: [...paths, ...files] };
}

/** xxd takes a second operand as its output file and has no `--` convention worth relying on. */
function judgeXxd(args: readonly string[], globs: readonly boolean[]): ProgramVerdict {
  const operands: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    // After the first operand xxd reads no options: the next word is its output file, whatever it looks like.
    if (operands.length > 0) return ask("a second operand of xxd is written to");
    if (/^-(?:a|b|C|e|E|i|p|ps|u|v|h|R)$/.test(arg)) continue;
    if (/^-[cglso]$/.test(arg)) {
      if (!/^[+-]{0,2}(?:0x)?[0-9a-fA-F]+$/.test(args[index + 1] ?? ""))
        return ask(`the xxd option ${arg} without a number`);
      index += 1;
    } else if (/^-[cglso][0-9]+$/.test(arg)) continue;
    else if (arg.startsWith("-") && arg !== "-")
      return ask(`the xxd option ${arg} is not on the read-only list`);
    else operands.push(arg);
  }
  if (globs.includes(true)) return ask("a second operand of xxd is written to");
  return { kind: "read-only", paths: operands.filter((operand) => operand !== "-") };
}

/** Programs that take a small script or an odd option syntax. */
export const STREAM_EDITORS: Readonly<Record<string, ProgramRule>> = {
  sed: { judge: judgeSed, anyOptionHarmless: false },
  awk: { judge: judgeAwk, anyOptionHarmless: false },
  gawk: { judge: judgeAwk, anyOptionHarmless: false },
  mawk: { judge: judgeAwk, anyOptionHarmless: false },
  jq: { judge: judgeJq, anyOptionHarmless: false },
  xxd: { judge: judgeXxd, anyOptionHarmless: false },
};
