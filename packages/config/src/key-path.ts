import { CodedError } from "@quire/protocol";
import { escapeInvisible } from "./escape-invisible.ts";

const BARE = /^[A-Za-z0-9_-]+$/;

/** Writes a path as TOML does: `projects."/home/me/app".trust_level`. */
export function formatKeyPath(path: readonly string[]): string {
  return path.map(formatKey).join(".");
}

/** Writes one name of a path, quoted where it has to be. */
export function formatKey(name: string): string {
  return BARE.test(name) ? name : escapeInvisible(JSON.stringify(name));
}

/** Where a dotted key ended while reading `text`. */
export interface KeyPathRead {
  path: string[];
  /** Offset of the first character after the key and the blanks behind it. */
  end: number;
}

/**
 * Reads a dotted key with quoted segments from `start`. Bare segments take anything up to a dot, blank, `=`, `]` or
 * quote, which is more than TOML allows: checking the name is the schema's business. Null when there is no key.
 */
export function readKeyPath(text: string, start: number): KeyPathRead | null {
  const path: string[] = [];
  let at = skipBlanks(text, start);
  for (;;) {
    const segment = readSegment(text, at);
    if (segment === null) return null;
    path.push(segment.value);
    at = skipBlanks(text, segment.end);
    if (text[at] !== ".") return { path, end: at };
    at = skipBlanks(text, at + 1);
  }
}

/**
 * Parses a whole dotted key such as `projects."/a.b".trust_level`.
 * @throws CodedError `usage_invalid`
 */
export function parseKeyPath(text: string): string[] {
  const read = readKeyPath(text, 0);
  if (read === null || read.end !== text.length) {
    throw new CodedError("usage_invalid", `"${text}" is not a configuration key.`, {
      nextStep: 'Write names joined by dots, with quotes around a name that has a dot in it: a."b.c".d',
    });
  }
  return read.path;
}

function skipBlanks(text: string, at: number): number {
  while (text[at] === " " || text[at] === "\t") at++;
  return at;
}

function readSegment(text: string, at: number): { value: string; end: number } | null {
  const quote = text[at];
  if (quote === "'") {
    const close = text.indexOf("'", at + 1);
    return close < 0 ? null : { value: text.slice(at + 1, close), end: close + 1 };
  }
  if (quote === '"') return readBasicString(text, at);
  let end = at;
  while (end < text.length && !/[.\s=\]"']/.test(text.charAt(end))) end++;
  return end === at ? null : { value: text.slice(at, end), end };
}

/** \UXXXXXXXX, \xHH and \e are not JSON; the rest of TOML's escapes are. An escaped backslash is not the start of one. */
const TOML_ONLY_ESCAPE = /\\\\|\\U([0-9A-Fa-f]{8})|\\x([0-9A-Fa-f]{2})|\\e/g;

function readBasicString(text: string, at: number): { value: string; end: number } | null {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  if (end >= text.length) return null;
  const raw = text.slice(at, end + 1);
  const json = raw.replace(TOML_ONLY_ESCAPE, (written: string, long?: string, short?: string) => {
    if (written === "\\\\") return written;
    return JSON.stringify(codePoint(long ?? short ?? "1b")).slice(1, -1);
  });
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "string" ? { value, end: end + 1 } : null;
  } catch {
    // A broken escape: whoever needs a strict answer has the TOML parser.
    return { value: raw.slice(1, -1), end: end + 1 };
  }
}

function codePoint(hex: string): string {
  const value = Number.parseInt(hex, 16);
  return value <= 0x10ffff ? String.fromCodePoint(value) : "\ufffd";
}
