import { bannedWord, isKnownBan } from "./banned-pattern.ts";
import type { RuleCheck } from "./binding-rule.ts";
import { conventionalFormat, formatOfTemplate } from "./commit-format.ts";
import { codeList, commandList, isProgram, pathList } from "./sentence-parts.ts";

/** What a sentence amounts to. `partly`: some of what it lists cannot be checked. */
export type Recognised =
  | { kind: "rules"; checks: RuleCheck[]; partly: string | null }
  | { kind: "prose"; why: string };

const NEVER = `(?:never(?: ever)?|do not(?: ever)?|don't(?: ever)?|must not|must never|mustn't|may not|cannot|can't)`;
const CHANGE = "(?:modify|change|edit|touch|alter|write to|overwrite|update)";
const FILES = `(?:(?:any |the |all )?(?:files?|code|anything|things|contents) (?:in|inside|under|within|below|of) )?`;
const TIMING = `(?:before|after|when|prior to) (?:you (?:finish|commit|push|are done|complete(?: the task)?)|you're done|(?:you )?finish(?:ing)?(?: (?:the|your|a|any) (?:task|work|turn))?|done|complet(?:ing|e)(?: (?:the|your|a|any) (?:task|work|turn))?|commit(?:ting)?|(?:each|every|any|a|the) commit|push(?:ing)?|opening (?:a|any) (?:pull request|pr)|submitting(?: (?:a|any) (?:pull request|pr))?|handing (?:off|over)|ending (?:the|your) turn|declaring (?:success|done)|(?:each|every|any|all|making|your)? ?(?:code )?(?:changes?|edits?)|editing(?: (?:code|files))?|modifying (?:code|files))`;

/** What turns a directive into a matter of judgement. */
const SOFT =
  /\b(?:unless|except|excluding|if|whenever|where possible|when possible|when needed|when necessary|where necessary|generally|usually|normally|typically|ideally|preferably|prefer|try to|as a rule|without (?:asking|permission|approval|explicit|being|first|a good)|only when|until|other than|apart from|rather than|instead of|sparingly|lightly|too (?:much|many)|for example|for instance|such as|e\.g|i\.e)\b/i;

/**
 * Reads one sentence as checkable rules. The whole sentence has to have one of the known forms; `under` is the heading or
 * introduction above it, which gives bare list items their verb. Anything else is prose, with the reason.
 */
export function recognise(text: string, under: string, isListItem: boolean): Recognised {
  const whole = bare(text);
  if (/\?["”')]*$/.test(text.trim())) return prose("a question");
  if (/^["“'‘«]/.test(text.trim())) return prose("a quotation");
  if (/^(?:e\.g|for example|example|bad|good|wrong|right|note that)\b/i.test(whole))
    return prose("an example");
  if (SOFT.test(outsideCode(whole))) return prose("it leaves room for judgement");
  const found = [whole, ...headsOf(whole)].flatMap((candidate) => ofSentence(candidate) ?? []);
  const best = found.find((each) => each.kind === "rules" && each.partly === null) ?? found.at(-1);
  if (best) return best;
  if (isListItem) {
    for (const candidate of [whole, ...headsOf(whole)]) {
      const found = ofListItem(candidate, bare(under));
      if (found) return found;
    }
  }
  return prose("not one of the forms that can be checked");
}

/** Without politeness, marks and the full stop. */
function bare(text: string): string {
  return text
    .trim()
    .replace(/[.!:]+$/, "")
    .replace(/^(?:(?:important|rule|warning|caution|critical)\s*:\s*)/i, "")
    .replace(/^(?:please |always remember to |remember to |you |agents? |the agent )/i, "")
    .replace(/^must (?=(?:always )?(?:run|only)\b)/i, "")
    .replace(/^(?:should|shall) not\b/i, "must not")
    .trim();
}

function outsideCode(text: string): string {
  return text.replace(/`[^`]*`/g, "`x`");
}

/** The sentence without an explanation behind it: what stands before `because`, a dash, a colon or a semicolon. */
function headsOf(text: string): string[] {
  const shadow = text.replace(/`[^`]*`/g, (code) => "x".repeat(code.length));
  const at = [
    ...shadow.matchAll(/,? (?:because|since|as it|as they|so that)\b|\s[-–—]+\s|[:;]\s|\s\(/gi),
  ].map(({ index }) => index);
  return at.map((end) => text.slice(0, end).trim()).filter((head) => head !== "");
}

type Form = readonly [
  form: RegExp,
  read: (groups: Readonly<Record<string, string | undefined>>) => Recognised | null,
];

function form(pattern: string, read: Form[1]): Form {
  return [new RegExp(`^(?:${pattern})$`, "i"), read];
}

const FORMS: readonly Form[] = [
  form(`only ${CHANGE} ${FILES}(?<paths>.+)`, onlyPaths),
  form(`${CHANGE} only ${FILES}(?<paths>.+)`, onlyPaths),
  form(
    `(?:only )?(?:work|make changes|change files) only (?:in|inside|under|within) (?<paths>.+)`,
    onlyPaths,
  ),
  form(`(?:limit|restrict|confine|keep) (?:all |your |all your )?changes to (?<paths>.+)`, onlyPaths),
  form(`changes (?:must|may) only (?:be made (?:in|under)|touch|go (?:in|into)) (?<paths>.+)`, onlyPaths),
  form(`${NEVER} ${CHANGE} (?:anything|files|any files?|code) outside(?: of)? (?<paths>.+)`, onlyPaths),
  form(
    `${NEVER} ${CHANGE} (?:the |any |existing )*(?<noun>tests|test files|lock ?files)(?<hand> by hand| manually| directly)?`,
    noun,
  ),
  form(`${NEVER} ${CHANGE} ${FILES}(?<paths>.+?)(?<hand> by hand| manually| directly)?`, neverPaths),
  form(
    "(?<paths>.+?) must (?:not|never) be (?:modified|edited|changed|touched)(?<hand> by hand| manually| directly)?",
    neverPaths,
  ),
  form("(?<paths>.+?) (?:is|are) (?:read-only|off-limits|off limits)", neverPaths),
  form(`${NEVER} (?:run|execute|call|invoke) (?<commands>.+)`, neverCommand),
  form(`${NEVER} (?:use|type) (?<commands>.+)`, neverProgram),
  form("(?<commands>.+) (?:is|are) (?:forbidden|banned|prohibited|not allowed)", neverProgram),
  form(`(?:always )?(?:run|execute) (?<commands>.+?) ${TIMING}`, runCommand),
  form(`${TIMING},? (?:always |you must )?(?:run|execute) (?<commands>.+)`, runCommand),
  form("always (?:run|execute) (?<commands>.+)", runCommand),
  form(`(?:do not|don't|never) forget to run (?<commands>.+?)(?: ${TIMING})?`, runCommand),
  form(
    `(?:make sure|ensure) (?:that )?(?<commands>.+?) (?:pass(?:es)?|succeeds?|is green|are green)(?: ${TIMING})?`,
    runCommand,
  ),
  form(`(?<commands>.+?) must (?:pass|succeed|be green)(?: ${TIMING})?`, runCommand),
  form(
    `${NEVER} (?:add|bump|upgrade|update|change|install|introduce|modify)(?:(?:,| or| and|, or) (?:add|bump|upgrade|update|change|install|introduce|modify|remove))* (?:any |new |the |other |third-party |external |npm )*(?:dependenc(?:y|ies)|packages|dependency versions|package versions)`,
    dependencies,
  ),
  form(
    "no (?:new |additional |third-party |external |other )*dependenc(?:y|ies)(?: (?:bumps?|updates?|changes?|upgrades?|additions?))?(?: (?:are )?allowed)?",
    dependencies,
  ),
  form(
    "(?:all )?commit(?:s| messages?)? ?(?:must |should |have to )?(?:follows?|uses?|conforms? to|adheres? to|are|is|be|in) (?:the )?(?:conventional commits?)(?: format| specification| style)?",
    () => rules([{ kind: "commit_format", ...conventionalFormat() }]),
  ),
  form(
    "(?:use|follow) (?:the )?conventional commits?(?: format| style)?(?: for (?:all )?(?:commits|commit messages|every commit))?",
    () => rules([{ kind: "commit_format", ...conventionalFormat() }]),
  ),
  form(
    "(?:all )?commits?(?: messages?)?(?: format)?(?:(?: must| should)?(?: follow| use| be| have the form| look like| are| is))?:? (?<template>`[^`]+`|[a-z]+(?:[/|][a-z]+)+)(?: format)?",
    template,
  ),
  form(
    "(?:prefix|start|begin) (?:all |every |each |your )?commits?(?: messages?)? with (?<types>.+)",
    commitTypes,
  ),
  form(
    "(?:all )?tests must accompany (?:all |every |each |any )?(?:code|code changes?|changes?)(?: (?:in|under|to) (?<sources>.+?))?(?: (?:in|under) (?<tests>.+))?",
    tests,
  ),
  form(
    "(?:(?:every|each|any|all) (?:code )?)?changes?(?: (?:in|to|under) (?<sources>.+?))? (?:must|needs?|requires?|has to|have to)(?: (?:come with|be accompanied by|include|have|be covered by|need|require))? (?:a |new |an accompanying |matching |corresponding )*(?:tests?|changes?)(?: (?:in|under|to) (?<tests>.+))?",
    tests,
  ),
  form(
    "(?:always )?(?:add|write|include) (?:a |new )?tests? (?:for|with) (?:every|each|all|any) (?:code )?changes?(?: (?:in|to|under) (?<sources>.+?))?(?: (?:in|under) (?<tests>.+))?",
    tests,
  ),
  form(
    `${NEVER} (?:use|write|add|introduce|leave|allow|import|include|commit)(?: the| any)? (?<words>.+?)(?: (?:types?|keywords?|statements?|calls?|comments?))?(?: (?:in|inside|under) (?<inside>.+))?`,
    ban,
  ),
  form(
    "no (?<words>.+?)(?: (?:types?|keywords?|statements?|calls?|comments?))?(?: (?:in|inside|under) (?<inside>.+?))?(?: (?:is |are )?allowed)?",
    banAfterNo,
  ),
  form(
    "(?<words>.+?) (?:is|are) (?:forbidden|banned|prohibited|not allowed)(?: (?:in|inside|under) (?<inside>.+))?",
    ban,
  ),
];

function ofSentence(text: string): Recognised | null {
  for (const [pattern, read] of FORMS) {
    const match = pattern.exec(text);
    const found = match ? read(match.groups ?? {}) : null;
    if (found) return found;
  }
  return null;
}

/** Headings that give the list items below them their verb. */
const UNDER: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:never run|(?:do not|don't) run|forbidden commands|banned commands)(?: (?:these|the following)(?: commands)?)?$/i,
    "never run ",
  ],
  [
    /^(?:only (?:modify|edit|change)|allowed paths)(?: (?:these|the following)(?: (?:files|paths|folders))?)?$/i,
    "only modify ",
  ],
  [
    /^(?:never (?:modify|edit|change|touch)|(?:do not|don't) (?:modify|edit|change|touch)|protected (?:paths|files|folders)|forbidden paths|read-only paths)(?: (?:these|the following)(?: (?:files|paths|folders))?)?$/i,
    "never modify ",
  ],
  [/^(?:forbidden|banned) patterns$|^(?:never use|(?:do not|don't) use)$/i, "never use "],
  [
    /^(?:(?:always )?run )?(?:these |the following )?(?:commands )?before (?:you )?(?:finish|finishing|commit|committing|you are done)(?:,? (?:always )?run)?$/i,
    "always run ",
  ],
];

function ofListItem(text: string, under: string): Recognised | null {
  if (codeList(text) === null) return null;
  const verb = UNDER.find(([heading]) => heading.test(under))?.[1];
  return verb === undefined ? null : ofSentence(`${verb}${text}`);
}

function rules(checks: RuleCheck[], partly: string | null = null): Recognised | null {
  return checks.length === 0 ? null : { kind: "rules", checks, partly };
}

function prose(why: string): Recognised {
  return { kind: "prose", why };
}

function onlyPaths({ paths = "" }: Record<string, string | undefined>): Recognised | null {
  const list = pathList(paths);
  return list && rules([{ kind: "only_paths", paths: list }]);
}

function neverPaths({ paths = "", hand }: Record<string, string | undefined>): Recognised | null {
  const list = pathList(paths);
  return list && rules([{ kind: "never_paths", paths: list, byHand: hand !== undefined }]);
}

/** Where tests usually are, and files that pin versions. */
export const TEST_PATHS: readonly string[] = [
  "**/*.test.*",
  "**/*.spec.*",
  "**/test_*.py",
  "**/*_test.*",
  "**/tests/**",
  "**/test/**",
  "**/__tests__/**",
  "**/spec/**",
];
export const LOCK_FILES: readonly string[] = [
  "**/package-lock.json",
  "**/npm-shrinkwrap.json",
  "**/yarn.lock",
  "**/pnpm-lock.yaml",
  "**/bun.lock",
  "**/bun.lockb",
  "**/Cargo.lock",
  "**/go.sum",
  "**/poetry.lock",
  "**/uv.lock",
  "**/Pipfile.lock",
  "**/composer.lock",
  "**/Gemfile.lock",
];

function noun({ noun: word = "", hand }: Record<string, string | undefined>): Recognised | null {
  const paths = word.toLowerCase().startsWith("lock") ? LOCK_FILES : TEST_PATHS;
  return rules([{ kind: "never_paths", paths, byHand: hand !== undefined }]);
}

function neverCommand({ commands = "" }: Record<string, string | undefined>): Recognised | null {
  const list = commandList(commands);
  return list && rules(list.map((command) => ({ kind: "never_command", command })));
}

/** After "use" only what begins with the name of a known program is a command. */
function neverProgram({ commands = "" }: Record<string, string | undefined>): Recognised | null {
  const list = commandList(commands);
  if (!list?.every((command) => isProgram(command.split(" ")[0] ?? ""))) return null;
  return rules(list.map((command) => ({ kind: "never_command", command })));
}

function runCommand({ commands = "" }: Record<string, string | undefined>): Recognised | null {
  const list = commandList(commands);
  if (list === null) return null;
  return rules(
    list.flatMap((text) => text.split(/\s*&&\s*/)).map((command) => ({ kind: "run_command", command })),
  );
}

function dependencies(): Recognised | null {
  return rules([{ kind: "no_dependency_changes" }]);
}

function template({ template: text = "" }: Record<string, string | undefined>): Recognised | null {
  const format = formatOfTemplate(text.replace(/`/g, ""));
  return format && rules([{ kind: "commit_format", ...format }]);
}

function commitTypes({ types = "" }: Record<string, string | undefined>): Recognised | null {
  const words = codeList(types)?.map((word) => /^([a-z]{2,12})(?:\([^)]*\))?:?$/.exec(word)?.[1]);
  if (!words || words.length < 2) return null;
  const known = words.filter((word) => word !== undefined);
  return known.length === words.length
    ? rules([{ kind: "commit_format", ...conventionalFormat(known) }])
    : null;
}

function tests({ sources, tests: where }: Record<string, string | undefined>): Recognised | null {
  const from = sources === undefined ? [] : pathList(sources);
  const to = where === undefined ? [] : pathList(where);
  return from && to && rules([{ kind: "tests_accompany", sources: from, tests: to }]);
}

/**
 * "No `a`, no `b` in src/": each word on its own, so that one that cannot be checked does not hide the others. After a bare
 * "no" a plain word may be the name of a file or an idea, so there it has to look like code.
 */
function ban(groups: Record<string, string | undefined>): Recognised | null {
  return banOf(groups, () => true);
}

function banAfterNo(groups: Record<string, string | undefined>): Recognised | null {
  return banOf(groups, (word, known) => known || !/^[a-z]+$/.test(word));
}

function banOf(
  { words = "", inside }: Record<string, string | undefined>,
  isMeant: (word: string, known: boolean) => boolean,
): Recognised | null {
  const where = inside === undefined ? [] : pathList(inside);
  if (where === null) return null;
  const each = words.split(/,? (?:and|or|nor)(?: no)? |, (?:no )?/).map((word) => word.trim());
  const patterns = each.map((word) => {
    const code = /^`([^`]+)`$/.exec(word)?.[1]?.trim();
    const pattern = bannedWord(code ?? word, code !== undefined);
    return pattern && isMeant(code ?? word, isKnownBan(code ?? word)) ? pattern : null;
  });
  const checks = patterns.flatMap((pattern): RuleCheck[] =>
    pattern ? [{ kind: "ban_pattern", pattern, inside: where, except: [] }] : [],
  );
  const rest = each.filter((_, index) => patterns[index] === null);
  return rules(checks, rest.length === 0 ? null : `not checked: ${rest.join(", ")}`);
}
