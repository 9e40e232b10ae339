import { isTestPath } from "../source/token.ts";

/** What the user wants, as far as the engine understands it. */
export interface Task {
  inScope: boolean;
  stop: boolean;
  /** A test command that the user named. */
  command: string | null;
  /** When not empty, only these files may be edited. */
  only: readonly string[];
  /** Never edited. */
  excluded: readonly string[];
  /** Named without more: looked at first. */
  mentioned: readonly string[];
  /** Seconds the user allows for the search, null when nothing was said. */
  seconds: number | null;
}

const WANTS =
  /\b(fix|fixes|fixed|fixing|repair|solve|debug|correct|resolve|make|get|find|turn|investigate|help)\b/i;
const TROUBLE =
  /\b(bugs?|tests?|suite|specs?|fail\w*|broken|breaks?|green|red|pass(es|ing)?|errors?|wrong|asserts?|assertions?|regression|crash\w*)\b/i;
const BARE =
  /^\W*(please\s+)?(fix|repair|debug)\s+(it|this|that|them|everything|the code|the project|the repo(sitory)?)\W*$/i;
const OTHER_WORK =
  /\b(write|add|create|generate|implement|extend)\s+(\w+\s+){0,3}(tests?|specs?|feature|docs?|documentation|readme|endpoint|function|class|module|support)\b|\b(refactor|explain|describe|summari[sz]e|translate|review|document|rename|upgrade|migrate|deploy)\b/i;
const COMMAND_HEAD =
  /^(\w+=\S+\s+)*(npm|npx|yarn|pnpm|node|python3?(\.\d+)?|py\.test|pytest|make|tox|nox|mocha|jest|vitest|ava|tape|tsx|\.\/\S+)(\s|$)/;
const SPOKEN_COMMAND =
  /\b(?:run|running|with|using|via|command(?:\s+is)?:?|by)\s+((?:npm|npx|yarn|pnpm|node|python3?|pytest|make)\s+[\w@./:=-]+(?:\s+[\w@./:=*-]+){0,5}?)(?=[\s]*(?:$|[.,;!?](?:\s|$)|\n|\s(?:and|to|so|then|passes|pass|succeeds|fails|is|until|again|after|must|should)\b))/i;
const PATH = /[\w@./+-]*\w\.(?:py|[cm]?[jt]sx?)\b/g;

/** Reads a task. Steering messages are read the same way and merged with `steer`. */
export function readTask(text: string): Task {
  const wants = WANTS.test(text) && TROUBLE.test(text);
  const repair =
    /\b(fix|repair|debug|make|get)\b/i.test(text) &&
    /\b(fail\w*|bugs?|broken|pass(es|ing)?|green)\b/i.test(text);
  return {
    inScope:
      BARE.test(text) ||
      /\bfail(s|ing|ed)?\b[^.]*\btests?\b|\btests?\b[^.]*\bfail/i.test(text) ||
      (wants && (repair || !OTHER_WORK.test(text))),
    stop: /^\W*(please\s+)?(stop|abort|cancel|halt|quit|never mind)\b/i.test(text),
    command: commandIn(text),
    only: pathsAfter(text, /\b(?:only|just|nothing but|solely)\b[^.\n]*?/gi),
    excluded: pathsAfter(text, /\b(?:do not|don't|dont|never|without|not)\b\s+(?:\w+\s+){0,3}?/gi),
    mentioned: [...new Set(text.match(PATH) ?? [])].map(normal).filter((path) => !isTestPath(path)),
    seconds: secondsIn(text),
  };
}

/** The task after the user added something while it ran. */
export function steer(task: Task, text: string): Task {
  const said = readTask(text);
  return {
    inScope: task.inScope,
    stop: task.stop || said.stop,
    command: said.command ?? task.command,
    only: said.only.length > 0 ? said.only : task.only,
    excluded: [...task.excluded, ...said.excluded],
    mentioned: [...task.mentioned, ...said.mentioned],
    seconds: said.seconds ?? task.seconds,
  };
}

/** Whether the user's words allow an edit of this file; test files are refused elsewhere. */
export function mayEdit(task: Task, path: string): boolean {
  const named = (list: readonly string[]) => list.some((one) => path === one || path.endsWith(`/${one}`));
  return !named(task.excluded) && (task.only.length === 0 || named(task.only));
}

function commandIn(text: string): string | null {
  for (const match of text.matchAll(/`([^`\n]+)`/g)) {
    const inner = (match[1] ?? "").trim().replace(/^\$\s*/, "");
    if (
      COMMAND_HEAD.test(inner) &&
      inner.length < 400 &&
      /\s|^(pytest|tox|mocha|jest|vitest|ava)$/.test(inner)
    )
      return inner;
  }
  return SPOKEN_COMMAND.exec(text)?.[1]?.trim() ?? null;
}

function pathsAfter(text: string, lead: RegExp): string[] {
  const found: string[] = [];
  for (const match of text.matchAll(
    new RegExp(`${lead.source}([\\w@./+-]*\\w\\.(?:py|[cm]?[jt]sx?))\\b`, "gi"),
  ))
    if (match[1] !== undefined) found.push(normal(match[1]));
  return found;
}

function normal(path: string): string {
  return path.replace(/^\.\//, "");
}

function secondsIn(text: string): number | null {
  const match =
    /\b(?:budget|within|in|limit|at most|under|max(?:imum)?)\b[^.\n\d]{0,12}(\d{1,4})\s*(s|sec|secs|seconds?|min|minutes?)\b/i.exec(
      text,
    );
  if (match === null) return null;
  const value = Number(match[1]) * (match[2]?.startsWith("m") ? 60 : 1);
  return Math.min(600, Math.max(2, value));
}
