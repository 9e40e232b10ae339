import { isPrivateName } from "../secret-paths.ts";
import { type OptionSpec, parseOptionSpec, scanOptions } from "./option-spec.ts";
import { ask, type ProgramRule, type ProgramVerdict } from "./program-rule.ts";

const GREP =
  "-# -EFGPivywxcLloqsbHhnTuZaIrRUz -e: -f@ -m: -A: -B: -C: -d: -D: --extended-regexp --fixed-strings --basic-regexp " +
  "--perl-regexp --regexp= --file@ --ignore-case --no-ignore-case --invert-match --word-regexp --line-regexp " +
  "--count --color? --colour? --files-without-match --files-with-matches --max-count= --only-matching --quiet " +
  "--silent --no-messages --byte-offset --with-filename --no-filename --label= --line-number --initial-tab --null " +
  "--after-context= --before-context= --context= --text --binary-files= --devices= --directories= --exclude= " +
  "--exclude-from@ --exclude-dir= --include= --recursive --dereference-recursive --line-buffered --binary " +
  "--null-data --help --version";

// Left out: --pre, --pre-glob, -z/--search-zip, --hostname-bin, --hyperlink-format (all can start programs), --debug.
const RG =
  "-abcFHhiIlLnNopPqsSuUvVwx0 -A: -B: -C: -d: -e: -E: -f@ -g: -j: -m: -M: -r: -t: -T: --after-context= " +
  "--before-context= --context= --max-depth= --maxdepth= --regexp= --encoding= --file@ --glob= --iglob= --threads= " +
  "--max-count= --max-columns= --replace= --type= --type-not= --type-add= --type-clear= --type-list --text " +
  "--auto-hybrid-regex --no-auto-hybrid-regex --binary --no-binary --block-buffered --byte-offset --case-sensitive " +
  "--color= --colors= --column --no-column --context-separator= --no-context-separator --count --count-matches --crlf " +
  "--dfa-size-limit= --engine= --field-context-separator= --field-match-separator= --files --files-with-matches " +
  "--files-without-match --fixed-strings --follow --no-follow --glob-case-insensitive --heading --no-heading --hidden --no-hidden " +
  "--ignore-case --ignore-file@ --ignore-file-case-insensitive --include-zero --invert-match --json --line-buffered " +
  "--line-number --no-line-number --line-regexp --max-columns-preview --max-filesize= --mmap --no-mmap " +
  "--multiline --multiline-dotall --no-config --no-ignore --no-ignore-dot --no-ignore-exclude --no-ignore-files " +
  "--no-ignore-global --no-ignore-messages --no-ignore-parent --no-ignore-vcs --no-messages --no-require-git " +
  "--no-unicode --null --null-data --one-file-system --only-matching --passthru --path-separator= --pcre2 --pretty " +
  "--quiet --regex-size-limit= --smart-case --sort= --sortr= --stats --no-stats --stop-on-nonmatch --trim --unrestricted " +
  "--vimgrep --with-filename --no-filename --word-regexp --version --help";

// Left out: -x/-X/--exec/--exec-batch (start programs) and -l (starts ls).
const FD =
  "-HIusigFapL0v1q -t: -e: -d: -E: -S: -o: -c: -j: --hidden --no-ignore --no-ignore-vcs --unrestricted " +
  "--case-sensitive --ignore-case --glob --regex --fixed-strings --absolute-path --full-path --follow --print0 --type= " +
  "--extension= --max-depth= --min-depth= --exact-depth= --exclude= --size= --owner= --changed-within= " +
  "--changed-before= --color= --threads= --max-results= --quiet --one-file-system --version --help";

/** Options that pick files by name below the folders that are searched. */
const FILE_CHOICE = /^(?:--include|-g|--glob|--iglob)$/;

/** Programs whose first operand is a pattern unless an option gave one. */
function patternThenFiles(notation: string, anyOptionHarmless: boolean, patternOptions: RegExp): ProgramRule {
  let spec: OptionSpec | undefined;
  return {
    anyOptionHarmless,
    judge(args): ProgramVerdict {
      spec ??= parseOptionSpec(notation);
      const scan = scanOptions(args, spec);
      if (scan.kind === "refused") return ask(`the option ${scan.option} is not on the read-only list`);
      const chosen = scan.options.find(
        (option) => FILE_CHOICE.test(option.name) && isPrivateName(option.value ?? ""),
      );
      if (chosen) return ask(`${chosen.value} may hold secrets`);
      const patternGiven = scan.options.some((option) => patternOptions.test(option.name));
      const files = patternGiven ? scan.operands : scan.operands.slice(1);
      return { kind: "read-only", paths: [...scan.paths, ...files.filter((file) => file !== "-")] };
    },
  };
}

const grep = patternThenFiles(GREP, true, /^(?:-e|-f|--regexp|--file|--help|--version)$/);

const FIND_FLAGS = new Set(
  (
    "-daystart -depth -d -follow -ignore_readdir_race -noignore_readdir_race -mount -xdev -noleaf -empty -executable -false -nogroup -nouser " +
    "-readable -true -writable -print -print0 -ls -prune -quit ! -not -a -and -o -or , ( ) -warn -nowarn"
  ).split(" "),
);
const FIND_VALUES = new Set(
  (
    "-maxdepth -mindepth -regextype -amin -atime -cmin -ctime -fstype -gid -group -ilname -iname -inum -ipath -iregex " +
    "-iwholename -links -lname -mmin -mtime -name -path -perm -regex -size -type -uid -used -user -wholename -xtype " +
    "-printf"
  ).split(" "),
);
const FIND_PATHS = new Set(["-anewer", "-cnewer", "-newer", "-samefile"]);

/** Accepts tests and printing only: no -exec, -execdir, -ok, -okdir, -delete, -fls, -fprint, -fprintf, -files0-from. */
function judgeFind(args: readonly string[], globs: readonly boolean[]): ProgramVerdict {
  const paths: string[] = [];
  let index = 0;
  while (/^-(?:[HLP]|O[0-3])$/.test(args[index] ?? "")) index += 1;
  for (; index < args.length && !/^(?:-.|[(),!])/.test(args[index] ?? ""); index++)
    paths.push(args[index] ?? "");
  for (; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (FIND_FLAGS.has(arg)) continue;
    const takesPath = FIND_PATHS.has(arg) || /^-newer[aBcm][aBcm]$/.test(arg);
    if (!takesPath && !FIND_VALUES.has(arg) && !/^-newer[aBcm]t$/.test(arg)) {
      return ask(`${arg} is not on the list of find tests that only read`);
    }
    index += 1;
    const value = args[index];
    if (value === undefined) return ask(`${arg} without a value`);
    // An unquoted pattern becomes as many words as files match; the words after the first are expressions.
    if (globs[index]) return ask("an unquoted pattern in a find expression");
    if (takesPath) paths.push(value);
  }
  return { kind: "read-only", paths };
}

/** Searching by content and by name. */
export const SEARCH_FILES: Readonly<Record<string, ProgramRule>> = {
  grep,
  egrep: grep,
  fgrep: grep,
  rg: patternThenFiles(RG, false, /^(?:-e|-f|--regexp|--file|--files|--type-list|--version|--help|-V)$/),
  fd: patternThenFiles(FD, false, /^(?:--version|--help)$/),
  fdfind: patternThenFiles(FD, false, /^(?:--version|--help)$/),
  find: { judge: judgeFind, anyOptionHarmless: false },
};
