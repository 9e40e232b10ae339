import { type OptionSpec, parseOptionSpec, scanOptions } from "./option-spec.ts";
import { ask, type ProgramRule, type ProgramVerdict } from "./program-rule.ts";

/**
 * git reads run programs named in the repository's own configuration (fsmonitor, textconv, external diff, pager,
 * signature checks), so even an accepted command carries the requirement "git-hardening". Options that switch such
 * a program on, write a file or reach the network are not listed.
 */
const DIFF =
  "-# -abDRpPsuwWz -B? -C? -M? -G: -S: -U: -l: -X? --patch --no-patch --unified= --raw --patch-with-raw --minimal --patience --histogram " +
  "--anchored= --diff-algorithm= --stat? --compact-summary --numstat --shortstat --dirstat? --cumulative --summary " +
  "--patch-with-stat --name-only --name-status --color? --no-color --color-moved? --no-color-moved --word-diff? " +
  "--word-diff-regex= --color-words? --no-renames --rename-empty --no-rename-empty --check --ws-error-highlight= " +
  "--full-index --binary --abbrev? --break-rewrites? --find-renames? --find-copies? --find-copies-harder " +
  "--irreversible-delete --diff-filter= --find-object= --pickaxe-all --pickaxe-regex --skip-to= --rotate-to= " +
  "--relative? --no-relative --text --ignore-cr-at-eol --ignore-space-at-eol --ignore-space-change --ignore-all-space " +
  "--ignore-blank-lines --ignore-matching-lines= --inter-hunk-context= --function-context --exit-code --quiet " +
  "--no-ext-diff --no-textconv --ignore-submodules? --src-prefix= --dst-prefix= --no-prefix --line-prefix= " +
  "--staged --cached --merge-base --ita-invisible-in-index";
const LOG =
  "-# -cmgitEF -n: -L: --oneline --graph --all --branches? --tags? --remotes? --glob= --exclude= --decorate? --no-decorate " +
  "--decorate-refs= --decorate-refs-exclude= --source --mailmap --no-mailmap --use-mailmap --log-size --max-count= --skip= --since= --after= " +
  "--until= --before= --author= --committer= --grep= --grep-reflog= --all-match --invert-grep --regexp-ignore-case " +
  "--basic-regexp --extended-regexp --fixed-strings --perl-regexp --remove-empty --merges --no-merges --min-parents= " +
  "--max-parents= --no-min-parents --no-max-parents --first-parent --not --reflog --walk-reflogs --merge --boundary " +
  "--simplify-by-decoration --full-history --dense --sparse --simplify-merges --ancestry-path? --show-pulls " +
  "--date-order --author-date-order --topo-order --reverse --no-walk? --pretty? --format= --abbrev-commit " +
  "--no-abbrev-commit --encoding= --expand-tabs? --no-expand-tabs --notes? --no-notes --relative-date --date= " +
  "--parents --children --left-right --left-only --right-only --cherry --cherry-mark --cherry-pick --follow --full-diff --cc " +
  "--combined-all-paths --diff-merges= --no-diff-merges --root --stdin --count --objects --timestamp --header";

const join = (...parts: string[]): string => parts.join(" ");

interface GitCommand {
  options: string;
  /** Operands are refused unless one of these options is present; null: operands are fine. */
  operandsNeed?: RegExp;
  operands?: "none" | "any";
  check?(
    operands: readonly string[],
    options: readonly { name: string; value: string | null }[],
  ): string | null;
}

const REFS =
  "--count= --sort= --format= --points-at= --merged? --no-merged? --contains? --no-contains? --color? --ignore-case";

const READS: Readonly<Record<string, GitCommand>> = {
  status: {
    options:
      "-sbvz -u? --short --branch --show-stash --porcelain? --long --verbose --untracked-files? --ignore-submodules? " +
      "--ignored? --column? --no-column --ahead-behind --no-ahead-behind --renames --no-renames --find-renames?",
  },
  log: { options: join(DIFF, LOG) },
  show: { options: join(DIFF, LOG) },
  whatchanged: { options: join(DIFF, LOG) },
  diff: { options: join(DIFF) },
  "diff-tree": { options: join(DIFF, "-rt --root --no-commit-id --pretty? --format= -m --cc") },
  "diff-index": { options: join(DIFF, "-m") },
  "diff-files": { options: join(DIFF, "-0123q") },
  shortlog: {
    // Its -n takes no value.
    options: join(LOG, "-nsec --numbered --summary --email --group= --committer").replace("-n: ", ""),
  },
  "rev-list": {
    options: join(LOG, "--disk-usage? --quiet --use-bitmap-index --bisect --pretty? --no-commit-header"),
  },
  "rev-parse": {
    options:
      "-q --show-toplevel --show-prefix --show-cdup --git-dir --git-common-dir --absolute-git-dir --is-inside-work-tree " +
      "--is-inside-git-dir --is-bare-repository --is-shallow-repository --abbrev-ref? --short? --verify --quiet --symbolic " +
      "--symbolic-full-name --all --branches? --tags? --remotes? --show-superproject-working-tree --show-object-format? " +
      "--show-ref-format --revs-only --no-revs --flags --no-flags --default= --path-format= --not",
  },
  "ls-files": {
    options:
      "-cdomskutvfz -x: -X@ --cached --deleted --others --modified --stage --killed --unmerged --ignored --exclude= " +
      "--exclude-from@ --exclude-per-directory= --exclude-standard --error-unmatch --full-name --abbrev? --eol --deduplicate " +
      "--directory --no-empty-directory --debug --recurse-submodules --resolve-undo --format= --sparse",
  },
  "ls-tree": {
    options:
      "-drtlz --long --name-only --name-status --object-only --abbrev? --full-name --full-tree --format=",
  },
  branch: {
    options: join(
      "-arvil --all --remotes --verbose --list --show-current --column? --no-column --abbrev? --no-abbrev",
      REFS,
    ),
    operandsNeed: /^(?:--list|--merged|--no-merged|--contains|--no-contains)$/,
  },
  tag: {
    options: join("-l -n --list --column? --no-column", REFS),
    operandsNeed: /^(?:-l|--list|--merged|--no-merged|--contains|--no-contains)$/,
  },
  "for-each-ref": { options: join("-# --omit-empty --exclude=", REFS) },
  "show-ref": {
    options:
      "-dqs --head --tags --heads --branches --dereference --hash? --verify --exists --abbrev? --quiet",
  },
  remote: {
    options: "-v --verbose --all --push",
    check: (operands) =>
      operands.length === 0 || (operands[0] === "get-url" && operands.length === 2)
        ? null
        : "only listing remotes is read-only",
  },
  describe: {
    options:
      "--all --tags --contains --abbrev= --candidates= --exact-match --debug --long --match= --exclude= --always " +
      "--first-parent --dirty? --broken?",
  },
  "name-rev": { options: "--tags --refs= --exclude= --all --name-only --no-undefined --always" },
  "merge-base": { options: "-a --all --octopus --independent --is-ancestor --fork-point" },
  blame: {
    options:
      "-bcefklnpstwM -C -L: -S@ --root --show-stats --porcelain --line-porcelain --incremental --encoding= --date= " +
      "--score-debug --show-name --show-number --show-email --abbrev= --color-lines --color-by-age --since= --first-parent --reverse",
  },
  "cat-file": {
    options: "-tspe --allow-unknown-type",
    check: (_operands, options) =>
      options.length === 1 ? null : "cat-file needs exactly one of -t -s -p -e",
  },
  "count-objects": { options: "-vH --verbose --human-readable", operands: "none" },
  "check-ignore": { options: "-qvnz --quiet --verbose --non-matching --no-index" },
  "check-attr": { options: "-az --all --cached --source=" },
  cherry: { options: "-v --abbrev?" },
  grep: {
    options:
      "-# -aiIrwvhHEGPFnlLcqpWzo -e: -f@ -m: -A: -B: -C: --cached --untracked --no-index --text --ignore-case --word-regexp " +
      "--invert-match --full-name --extended-regexp --basic-regexp --perl-regexp --fixed-strings --line-number --column " +
      "--files-with-matches --name-only --files-without-match --null --only-matching --count --color? --no-color --break " +
      "--heading --show-function --context= --after-context= --before-context= --function-context --max-depth= --recursive --no-recursive " +
      "--and --or --not --all-match --quiet --max-count= --threads= --exclude-standard --no-exclude-standard",
  },
  config: {
    options:
      "--get --get-all --type= --bool --int --path --default= --local --global --show-origin --show-scope -z --null",
    check: (operands, options) => {
      const reads = options.some((option) => option.name === "--get" || option.name === "--get-all");
      if (!reads || operands.length !== 1) return "only git config --get KEY is read-only";
      return /token|password|header|secret|credential/i.test(operands[0] ?? "")
        ? "the key may hold a secret"
        : null;
    },
  },
  stash: {
    options: join(DIFF, "--oneline --format= --pretty? --date= -n:"),
    check: (operands) =>
      operands[0] === "list" || operands[0] === "show"
        ? null
        : "only stash list and stash show are read-only",
  },
  reflog: {
    options: join(LOG),
    check: (operands) =>
      operands[0] === undefined || operands[0] === "show" ? null : "only reflog show is read-only",
  },
  worktree: {
    options: "-vz --porcelain --verbose",
    check: (operands) =>
      operands.length === 1 && operands[0] === "list" ? null : "only worktree list is read-only",
  },
  "symbolic-ref": {
    options: "-q --quiet --short",
    check: (operands) => (operands.length === 1 ? null : "symbolic-ref with two operands writes"),
  },
  version: { options: "--build-options", operands: "none" },
};

const GLOBAL_OPTIONS = new Set([
  "--no-pager",
  "-P",
  "--no-optional-locks",
  "--literal-pathspecs",
  "--no-replace-objects",
]);
const specs = new Map<string, OptionSpec>();

function judgeGit(args: readonly string[], globs: readonly boolean[]): ProgramVerdict {
  let index = 0;
  while (GLOBAL_OPTIONS.has(args[index] ?? "")) index += 1;
  const name = args[index];
  if (name === "--version" && args.length === index + 1) return { kind: "read-only", paths: [] };
  if (name === undefined) return ask("git without a command");
  const command = Object.hasOwn(READS, name) ? READS[name] : undefined;
  if (!command || globs[index]) return ask(`git ${name} is not on the list of commands that only read`);
  let spec = specs.get(name);
  if (!spec) {
    spec = parseOptionSpec(command.options);
    specs.set(name, spec);
  }
  const scan = scanOptions(args.slice(index + 1), spec);
  if (scan.kind === "refused")
    return ask(`the option ${scan.option} of git ${name} is not on the read-only list`);
  const reason = gitReason(name, command, scan.operands, scan.options);
  if (reason !== null) return ask(reason);
  const patternGiven = scan.options.some((option) => option.name === "-e" || option.name === "-f");
  const operands = name === "grep" && !patternGiven ? scan.operands.slice(1) : scan.operands;
  return {
    kind: "read-only",
    paths: [...scan.paths, ...operands.flatMap(pathsInRevision)],
    requires: "git-hardening",
  };
}

function gitReason(
  name: string,
  command: GitCommand,
  operands: readonly string[],
  options: readonly { name: string; value: string | null }[],
): string | null {
  if (command.operands === "none" && operands.length > 0) return `git ${name} takes no operand here`;
  const { operandsNeed } = command;
  if (operandsNeed && operands.length > 0 && !options.some((option) => operandsNeed.test(option.name))) {
    return `git ${name} with a name creates something`;
  }
  // %G in a format runs the signature program.
  if (
    options.some((option) => option.value?.includes("%G") === true || /signature/.test(option.value ?? ""))
  ) {
    return "the format checks signatures with a program";
  }
  if (operands.some((operand) => /^(?:ext::|[a-z+]+:\/\/|\/\/)/.test(operand))) return "a git address";
  return command.check?.(operands, options) ?? null;
}

/**
 * What looks like a revision may be a path all the same (`./../x`, a link called `a~`), and git compares and searches
 * files anywhere. `HEAD:path` names a path too.
 */
function pathsInRevision(operand: string): string[] {
  const colon = operand.indexOf(":");
  if (colon < 0) return [operand];
  const path = operand.slice(colon + 1).replace(/^(?:[0-3]:)/, "");
  return path === "" || path.startsWith("(") ? [operand] : [operand, path];
}

/** The git commands that only read, given a runner that neutralises repository configuration. */
export const GIT: ProgramRule = { judge: judgeGit, anyOptionHarmless: false };
