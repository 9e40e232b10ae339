import type { PlainCommand, StartedCommand } from "@quire/execpolicy";

/** Options of programs that come before the sub-command and take a value. */
const LEADING_VALUES: Readonly<Record<string, ReadonlySet<string>>> = {
  git: new Set(["-C", "-c", "--git-dir", "--work-tree", "--namespace"]),
  npm: new Set(["--prefix", "-w", "--workspace", "--loglevel"]),
  pnpm: new Set(["-C", "--dir", "--filter", "-F"]),
  yarn: new Set(["--cwd"]),
  docker: new Set(["-H", "--host", "--context", "-c", "--config"]),
  kubectl: new Set(["-n", "--namespace", "--context", "--kubeconfig"]),
  make: new Set(["-C", "-f", "-j"]),
  cargo: new Set(["--manifest-path", "--color"]),
};

const SAME: readonly (readonly [RegExp, string])[] = [
  [/^npm (?:t|tst|run test|run-script test)(?= |$)/, "npm test"],
  [/^npm (?:i|in|ins|add)(?= |$)/, "npm install"],
  [/^npm run-script (?=.)/, "npm run "],
  [/^(pnpm|yarn|bun) run (?=.)/, "$1 "],
  [/^pnpm t(?= |$)/, "pnpm test"],
  [/^python3? -m (pytest|unittest|mypy|ruff|black|pip)(?= |$)/, "$1"],
  [/^pip3(?= |$)/, "pip"],
];

/** Words of a rule, in the form in which commands are compared. */
function canonical(words: readonly string[]): string[] {
  const [program = "", ...rest] = words;
  const values = LEADING_VALUES[program];
  let at = 0;
  while (values !== undefined && at < rest.length && (rest[at] ?? "").startsWith("-")) {
    if (!values.has(rest[at] ?? "") && !/^(?:--?[\w-]+=|-[A-Za-z]$)/.test(rest[at] ?? "")) break;
    at += values.has(rest[at] ?? "") ? 2 : 1;
  }
  // Options in front of the sub-command go behind it: `git --no-pager push` is a push.
  const front = rest
    .slice(0, at)
    .filter(
      (word, index) => word.startsWith("-") && !values?.has(word) && !values?.has(rest[index - 1] ?? ""),
    );
  let text = [program, ...rest.slice(at), ...front].join(" ");
  for (const [other, usual] of SAME) text = text.replace(other, usual);
  return text.split(" ").filter((word) => word !== "");
}

/**
 * Whether a started program is what a rule forbids: the same program, the rule's words first and in order, and its options
 * anywhere. A word that is only known at run time may be any.
 */
export function isForbidden(command: string, started: StartedCommand): boolean {
  const rule = canonical(command.trim().split(/\s+/));
  const words = canonical(started.words.map((word) => word ?? "\ue000"));
  const [program, ...wanted] = rule;
  if (program === undefined || (words[0] !== program && words[0] !== program.replace(/^.*\//, "")))
    return false;
  const given = words.slice(1);
  const operands = given.filter((word) => !word.startsWith("-"));
  const options = wanted.filter((word) => word.startsWith("-"));
  return (
    wanted.filter((word) => !word.startsWith("-")).every((word, index) => operands[index] === word) &&
    options.every((option) => hasOption(option, given))
  );
}

function hasOption(option: string, given: readonly string[]): boolean {
  if (option.startsWith("--")) {
    const short = option === "--force" ? "f" : null;
    return given.some(
      (word) =>
        word === option || word.startsWith(`${option}=`) || (short !== null && isCluster(word, short)),
    );
  }
  const letters = [...option.slice(1)];
  return letters.every((letter) =>
    given.some((word) => isCluster(word, letter) || (letter === "f" && word === "--force")),
  );
}

function isCluster(word: string, letter: string): boolean {
  return /^-[A-Za-z]+$/.test(word) && word.includes(letter);
}

/** Options that change what is printed and not what is checked. */
const HARMLESS =
  /^(?:-s|--silent|-q|-qq|--quiet|-v|-vv|--verbose|--color(?:=\w+)?|--no-color|--run|--ci|--if-present)$/;

export type Evidence =
  | { kind: "none" }
  /** It ran, and the exit code is its own. */
  | { kind: "ran" }
  /** It ran, but in a way that says nothing of how it ended. */
  | { kind: "unclear"; why: string };

/** Whether a command line ran what a rule wants in such a way that exit code 0 means that it passed. */
export function evidenceOf(
  wanted: string,
  commands: readonly PlainCommand[],
  words: (command: PlainCommand) => string[] | null,
): Evidence {
  const rule = canonical(wanted.trim().split(/\s+/));
  let found: Evidence = { kind: "none" };
  for (const [index, command] of commands.entries()) {
    const own = words(command);
    if (own === null) continue;
    const given = canonical(withoutWrapper(own));
    if (!rule.every((word, at) => given[at] === word)) continue;
    const more = given.slice(rule.length).filter((word) => !HARMLESS.test(word));
    if (more.length > 0) {
      found = { kind: "unclear", why: `it ran with other arguments: ${more.join(" ").slice(0, 80)}` };
      continue;
    }
    const rest = commands.slice(index, -1).map(({ operatorAfter }) => operatorAfter);
    const before = commands.slice(0, index).map(({ operatorAfter }) => operatorAfter);
    if (rest.includes("|"))
      found = { kind: "unclear", why: "its exit code was lost in a pipe; run it by itself" };
    else if (rest.includes("||") || rest.includes(";"))
      found = { kind: "unclear", why: "what came after it hides its exit code; run it by itself" };
    else if (before.includes("||")) found = { kind: "unclear", why: "it may not have run, behind ||" };
    else return { kind: "ran" };
  }
  return found;
}

function withoutWrapper(words: readonly string[]): readonly string[] {
  if (words[0] === "timeout") return words.slice(words.findIndex((word) => /^\d+[smh]?$/.test(word)) + 1);
  return words[0] === "env" || words[0] === "time"
    ? words.slice(1).filter((word) => !/^\w+=/.test(word))
    : words;
}

/** The first line of the message that a `git commit` gives; null for any other command, or where the text does not tell. */
export function commitSubject(started: StartedCommand): string | null {
  const words = canonical(started.words.map((word) => word ?? "\ue000"));
  if (words[0] !== "git" || words[1] !== "commit") return null;
  // The words are looked at again as they were: a message holds blanks.
  const given = started.words;
  for (const [index, word] of given.entries()) {
    const attached =
      word === null
        ? undefined
        : (/^--message=([\s\S]*)$/.exec(word)?.[1] ?? /^-m([\s\S]+)$/.exec(word)?.[1]);
    const message =
      attached ?? (word !== null && /^(?:--message|-[a-zA-Z]*m)$/.test(word) ? given[index + 1] : undefined);
    if (typeof message === "string") return message.split("\n")[0] ?? "";
  }
  return null;
}
