import { literalText, type PlainCommand, type PlainOperator, type PlainResult } from "./plain-command.ts";
import { readPlainRedirect } from "./read-redirect.ts";
import { NotPlain, readWord } from "./read-word.ts";

/** Longer texts are never plain; 32 KiB. */
export const MAX_PLAIN_LENGTH = 32 * 1024;

const RESERVED = new Set(
  "if then else elif fi do done case esac while until for in function select time { } ! [[ ]] coproc".split(
    " ",
  ),
);
const LOCALE_VARIABLE = /^(?:LC_[A-Z]+|LANG|LANGUAGE|TZ)$/;
/** Locale and zone values are names, never paths (`TZ=:/etc/x` would open a file). */
const LOCALE_VALUE = /^(?:[A-Za-z0-9][A-Za-z0-9_.@+,-]*(?:\/[A-Za-z0-9_+-]+)?)?$/;
const PROGRAM_NAME = /^[A-Za-z0-9_./+-]+$/;

/**
 * Accepts the small part of the shell language whose meaning is beyond doubt and gives its words back; refuses
 * everything else with a reason. Never throws; linear in the length of the text.
 */
export function recognizePlain(command: string): PlainResult {
  try {
    const commands = readList(command);
    const inner = unwrapShell(commands);
    if (inner === null) return { kind: "plain", commands, shell: null };
    const nested = readList(inner.script);
    if (unwrapShell(nested) !== null) throw new NotPlain("a shell inside a shell", 0);
    return { kind: "plain", commands: nested, shell: inner.shell };
  } catch (error) {
    if (error instanceof NotPlain) return { kind: "not-plain", why: error.why, offset: error.offset };
    throw error;
  }
}

/** `bash -c TEXT` and `bash -lc TEXT` alone on the line: the body is judged instead. */
function unwrapShell(commands: PlainCommand[]): { shell: "bash" | "sh"; script: string } | null {
  const [only, ...others] = commands;
  if (!only || others.length > 0 || only.argv.length !== 3) return null;
  if (only.assignments.length > 0 || only.redirects.length > 0) return null;
  const [program, option, script] = only.argv.map(literalText);
  if (program !== "bash" && program !== "sh") return null;
  if (option !== "-c" && option !== "-lc") return null;
  if (script === null || script === undefined) return null;
  return only.argv.some((word) => word.glob) ? null : { shell: program, script };
}

function readList(text: string): PlainCommand[] {
  if (text.length > MAX_PLAIN_LENGTH) throw new NotPlain("longer than 32 KiB", MAX_PLAIN_LENGTH);
  const commands: PlainCommand[] = [];
  let at = skipBlank(text, 0, true);
  while (at < text.length) {
    const { command, end } = readCommand(text, at);
    const operator = readOperator(text, end);
    commands.push({ ...command, operatorAfter: operator.operator });
    const joins = operator.operator !== null && operator.operator !== ";";
    // A second `;` is refused by readCommand: it finds no command in front of it.
    at = skipBlank(text, operator.end, true);
    if (at >= text.length && joins) throw new NotPlain("an operator without a command after it", end);
  }
  const last = commands[commands.length - 1];
  if (!last) throw new NotPlain("no command", 0);
  last.operatorAfter = null;
  return commands;
}

/** Skips spaces, tabs, comments and, when `lines` is set, newlines. */
function skipBlank(text: string, start: number, lines: boolean): number {
  let at = start;
  for (;;) {
    const char = text[at];
    if (char === " " || char === "\t" || (lines && char === "\n")) at += 1;
    else if (char === "#" && (at === 0 || /[ \t\n;|&]/.test(text.charAt(at - 1))))
      at = endOfComment(text, at);
    else return at;
  }
}

function endOfComment(text: string, start: number): number {
  const newline = text.indexOf("\n", start);
  const end = newline < 0 ? text.length : newline;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if ((code < 0x20 && code !== 9) || code > 0x7e)
      throw new NotPlain("an unusual character in a comment", at);
  }
  return end;
}

function readCommand(
  text: string,
  start: number,
): { command: Omit<PlainCommand, "operatorAfter">; end: number } {
  const command: Omit<PlainCommand, "operatorAfter"> = { assignments: [], argv: [], redirects: [], text: "" };
  let at = start;
  let end = start;
  for (;;) {
    at = skipBlank(text, at, false);
    const char = text[at];
    if (char === undefined || char === "\n" || char === ";" || char === "|") break;
    if (char === "&" && text[at + 1] === "&") break;
    const redirect = readPlainRedirect(text, at);
    if (redirect) {
      if (command.argv.length === 0) throw new NotPlain("a redirection before the command", at);
      command.redirects.push(redirect.redirect);
      at = redirect.end;
    } else at = readArgument(text, at, command);
    end = at;
  }
  if (command.argv.length === 0) throw new NotPlain("a missing command", at);
  command.text = text.slice(start, end);
  return { command, end: at };
}

function readArgument(text: string, at: number, command: Omit<PlainCommand, "operatorAfter">): number {
  const { word, end, quoted } = readWord(text, at);
  // A word that stops for any other reason than its end stopped at something outside the subset.
  if (end === at || !/^$|[ \t\n;|&<>]/.test(text.charAt(end))) {
    throw new NotPlain(`the character ${JSON.stringify(text.charAt(end))}`, end);
  }
  if (command.argv.length > 0) {
    command.argv.push(word);
    return end;
  }
  const raw = literalText(word);
  if (raw === null) throw new NotPlain("a program name that depends on a variable", at);
  const assignment = quoted || !raw.includes("=") ? null : /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(raw);
  if (assignment?.[1] !== undefined && assignment[2] !== undefined) {
    const [, name, value] = assignment;
    if (!LOCALE_VARIABLE.test(name)) throw new NotPlain("an assignment to an environment variable", at);
    if (!LOCALE_VALUE.test(value)) throw new NotPlain("an unusual locale or time zone", at);
    command.assignments.push({ name, value });
    return end;
  }
  if (raw !== "[" && raw !== ":" && !PROGRAM_NAME.test(raw))
    throw new NotPlain("an unusual program name", at);
  if (RESERVED.has(raw)) throw new NotPlain(`the shell keyword ${raw}`, at);
  command.argv.push(word);
  return end;
}

function readOperator(text: string, at: number): { operator: PlainOperator; end: number } {
  const one = text[at];
  const next = text[at + 1];
  if (one === undefined) return { operator: null, end: at };
  if (one === "\n") return { operator: ";", end: at + 1 };
  if (one === "&" && next === "&") return { operator: "&&", end: at + 2 };
  if (one === "|" && next === "|") return { operator: "||", end: at + 2 };
  if (next === ";" || next === "&") throw new NotPlain(`the operator ${one}${next}`, at);
  if (one === "|" || one === ";") return { operator: one, end: at + 1 };
  throw new NotPlain(`the character ${JSON.stringify(one)}`, at);
}
