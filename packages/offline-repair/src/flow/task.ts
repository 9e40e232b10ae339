import { isTestPath } from "../source/language.ts";

/** What the user wants, as far as the engine understands it. Paths are as the user wrote them: see `names`. */
export interface Task {
  inScope: boolean;
  /** A test command that the user named. */
  command: string | null;
  /** When not empty, only these files may be edited. */
  only: readonly string[];
  /** Never edited. */
  excluded: readonly string[];
  /** Every file and folder that is named: looked at first. */
  mentioned: readonly string[];
  /** Seconds the user allows for the search, null when nothing was said. */
  seconds: number | null;
}

// Stems of English, German, French, Spanish, Italian and Portuguese words. `\b` knows no accents, so stems end before one.
const REPAIR =
  /\b(fix|repair|solv|resolv|debug|correct|investigat|make|get|find|help|behe[bf]|behoben|reparier|korrigier|r.par|corri[gj]|arregl|repar|soluc|resol|ripar|correg|conser)/i;
const TESTS = /\b(tests?|testing|specs?|suite|pruebas?|testes?)\b/i;
const FAILURE =
  /\b(fail|broken|breaks?\b|pass(es|ed|ing)?\b|green|red\b|hang|crash|wrong|fehl|kaputt|gr.n\b|schl.gt|h.ng|.cho|passe|cass.|fall[aeio]|pas[ae]n|rot[oa]s?\b|falh|passa)/i;
const TROUBLE = /\b(bugs?|errors?|erreurs?|errore|erros?|asserts?|assertions?|regression)\b/i;
const OTHER_WORK =
  /\b(write|add|create|generate|implement|extend)\s+(\w+\s+){0,3}(tests?|specs?|feature|docs?|documentation|readme|endpoint|function|class|module|support)\b|\b(refactor|explain|describe|summari[sz]e|translate|review|document|rename|upgrade|migrate|deploy)\b/i;
const BARE =
  /^\W*(please\s+)?(fix|repair|debug)\s+(it|this|that|them|everything|the code|the project|the repo(sitory)?)\W*$/i;

/** Whether making a failing test pass is what is asked for: a failing test, or a fault that is to be repaired. */
function isRepair(text: string): boolean {
  const says = (words: RegExp) => words.test(text);
  if (says(BARE)) return true;
  const failing = says(TESTS) && says(FAILURE);
  if (!says(REPAIR)) return failing && !says(OTHER_WORK);
  return failing || ([TESTS, FAILURE, TROUBLE].some(says) && !says(OTHER_WORK));
}

/** A file of a language that the engine edits, or anything with a slash. */
const PATH = String.raw`(?:[\w@./+-]*\w\.(?:py|[cm]?[jt]sx?)\b|[\w@.+-]+\/(?:[\w@.+-]+\/)*[\w@.+-]*)`;
const PATHS = new RegExp(PATH, "g");
const LIST = String.raw`((?:${PATH}(?:\s*(?:,|&|and|or|und|oder|et|ou|y|o|e)\s*)?)+)`;
const ONLY = new RegExp(
  String.raw`\b(?:only|just|nothing but|solely|nur|seulement|solo|soltanto|apenas)\b[^.\n]*?${LIST}`,
  "gi",
);
const DENIAL = String.raw`(?:(?<!\b(?:does|did|is|are|was|will|can)\s)not|don't|dont|never|without|except|aber nicht|ohne|au(?:ß|ss)er|ne|sauf|sans|no|sin|non|senza|n.o|sem)`;
/** That something does not work is said with the same words, and forbids nothing. */
const COMPLAINT = "(?:pass?[aeio]|work|run|return|fail|err|va\\b|fonct|func|funz|marche)";
const NOT = new RegExp(
  String.raw`\b${DENIAL}\s+(?!${COMPLAINT})(?:\S+\s+){0,3}?${LIST}|(${PATH})\s+nicht\b`,
  "gi",
);

/** Reads a task. What the user adds while it runs is read the same way and merged with `steer`. */
export function readTask(text: string): Task {
  return {
    inScope: isRepair(text),
    command: commandIn(text),
    only: pathsAfter(text, ONLY),
    excluded: pathsAfter(text, NOT),
    mentioned: pathsIn(text),
    seconds: secondsIn(text),
  };
}

/** The task after the user added something while it ran. */
export function steer(task: Task, text: string): Task {
  const said = readTask(text);
  return {
    ...task,
    command: said.command ?? task.command,
    only: said.only.length > 0 ? said.only : task.only,
    excluded: [...task.excluded, ...said.excluded],
    mentioned: [...task.mentioned, ...said.mentioned],
  };
}

/** Whether the user wants the turn to end. */
export function saysStop(text: string): boolean {
  return /^\W*(please\s+)?(stopp?|abort|cancel|halt|quit|never mind|arr.te|para|basta|ferma)\b/i.test(text);
}

/** Whether what the user wrote means this file: its path, the end of it, or a folder that it is in. */
export function names(written: string, path: string): boolean {
  const folder = written.replace(/\/$/, "");
  return `/${path}`.endsWith(`/${written}`) || `/${path}`.includes(`/${folder}/`);
}

/** Whether the engine and the user's words allow an edit of this file. */
export function mayEdit({ only, excluded }: Task, path: string): boolean {
  const among = (list: readonly string[]) => list.some((written) => names(written, path));
  return !isTestPath(path) && !among(excluded) && (only.length === 0 || among(only));
}

function pathsIn(text: string): string[] {
  return [...new Set(text.match(PATHS) ?? [])].map((path) => path.replace(/^\.\//, ""));
}

function pathsAfter(text: string, lead: RegExp): string[] {
  return [...text.matchAll(lead)].flatMap(([, list, one]) => pathsIn(list ?? one ?? ""));
}

const PROGRAM = String.raw`(?:npm|npx|yarn|pnpm|bun|node|python3?(?:\.\d+)?|py\.test|pytest|make|tox|nox|mocha|jest|vitest|ava|tape|tsx)`;
/** In backticks any call of such a program, or of a script that is named by its path. */
const QUOTED = new RegExp(String.raw`^(?:cd \S+ && )?(?:\w+=\S+\s+)*(?:${PROGRAM}|\.\/\S+)(?:\s|$)`);
/** Without backticks only what cannot be meant as prose: options, paths and the usual names of test scripts. */
const SPOKEN = new RegExp(
  String.raw`\b(?:(?:npm|yarn|pnpm|make)\s+(?:run\s+)?(?:test|check|unit)[\w:-]*|${PROGRAM})((?:\s+(?:-m\s+\w+|-\S*\w|(?!v?\d)[\w@-]*[./:=][\w@./:=*-]*\w))*)`,
  "g",
);

function commandIn(text: string): string | null {
  const quoted = [...text.matchAll(/`\$?\s*([^`\n]{1,400})`/g)].map(([, inner]) => (inner ?? "").trim());
  const spoken = [...text.matchAll(SPOKEN)].filter(([all]) => /\s/.test(all)).map(([all]) => all);
  const isCommand = (words: string) =>
    QUOTED.test(words) && /\s|^\.|test|^(?:tox|nox|mocha|jest|ava|tape)$/.test(words);
  return quoted.find(isCommand) ?? spoken[0] ?? null;
}

function secondsIn(text: string): number | null {
  const found =
    /\b(?:budget|within|in|limit|at most|under|max(?:imum)?|innerhalb|en|dans|entro)\b[^.\n\d]{0,12}(\d{1,4})\s*(s|se[ck]\w*|seg\w*|min\w*)\b/i.exec(
      text,
    );
  if (found === null) return null;
  const seconds = Number(found[1]) * (/^m/i.test(found[2] ?? "") ? 60 : 1);
  return Math.min(600, Math.max(2, seconds));
}
