import { deceptiveOffset } from "./deceptive-text.ts";
import type { PlainWord } from "./plain-command.ts";

/** Why and where a text leaves the plain subset. Thrown and caught inside the recogniser only. */
export class NotPlain extends Error {
  readonly why: string;
  readonly offset: number;
  constructor(why: string, offset: number) {
    super(why);
    this.why = why;
    this.offset = offset;
  }
}

/** A run of ordinary characters, read in one step. */
const BARE_RUN = /[A-Za-z0-9_./,:=@%+^-]+/y;
const GLOB = /[*?[]/;
/** Characters a backslash may quote outside quotes: punctuation only, so `\n` or `\x` never mean anything. */
const ESCAPABLE = /[ !"#$&'()*,;<>?[\]^`{|}~=:@%+./\\-]/;
const KNOWN_VARIABLE = /^\$(?:(HOME|PWD)(?![A-Za-z0-9_])|\{(HOME|PWD)\})/;

interface Draft {
  parts: PlainWord["parts"];
  glob: boolean;
  leadingGlob: boolean;
}

/** Reads one word that starts at `start`; returns it and the offset after it. */
export function readWord(text: string, start: number): { word: PlainWord; end: number; quoted: boolean } {
  const draft: Draft = { parts: [], glob: false, leadingGlob: false };
  let at = start;
  let quoted = false;
  if (text[at] === "~") {
    const next = text[at + 1];
    if (next !== undefined && !/[/\s;|]/.test(next))
      throw new NotPlain("a tilde that names another user", at);
    draft.parts.push({ variable: "HOME" });
    at += 1;
  }
  for (; at < text.length; ) {
    BARE_RUN.lastIndex = at;
    const run = BARE_RUN.exec(text)?.[0];
    if (run !== undefined) {
      append(draft, run);
      at += run.length;
      continue;
    }
    const char = text.charAt(at);
    if (char === "'") {
      at = readSingleQuoted(text, at, draft);
      quoted = true;
    } else if (char === '"') {
      at = readDoubleQuoted(text, at, draft);
      quoted = true;
    } else if (char === "\\") {
      const next = text.charAt(at + 1);
      if (!ESCAPABLE.test(next)) throw new NotPlain("a backslash outside quotes", at);
      append(draft, next);
      quoted = true;
      at += 2;
    } else if (isHarmlessInside(text, at, start)) {
      append(draft, char);
      at += 1;
    } else if (GLOB.test(char)) {
      draft.glob = true;
      if (draft.parts.length === 0) draft.leadingGlob = true;
      append(draft, char);
      at += 1;
    } else break;
  }
  if (draft.parts.length === 0) draft.parts.push("");
  return { word: { ...draft, offset: start }, end: at, quoted };
}

/** `#`, `~`, `]` and `!` are ordinary away from the places where bash gives them a meaning. */
function isHarmlessInside(text: string, at: number, start: number): boolean {
  const char = text[at];
  if (char === "]" || char === "!") return true;
  if (char === "#") return at > start;
  return char === "~" && at > start && text[at - 1] !== "=" && text[at - 1] !== ":";
}

function readSingleQuoted(text: string, start: number, draft: Draft): number {
  const end = text.indexOf("'", start + 1);
  if (end < 0) throw new NotPlain("a single quote that is never closed", start);
  const body = text.slice(start + 1, end);
  checkQuotedText(body, start + 1);
  append(draft, body);
  return end + 1;
}

function readDoubleQuoted(text: string, start: number, draft: Draft): number {
  let run = "";
  const flush = (): void => {
    append(draft, run);
    run = "";
  };
  for (let at = start + 1; at < text.length; ) {
    const char = text.charAt(at);
    if (char === '"') {
      checkQuotedText(text.slice(start + 1, at), start + 1);
      flush();
      return at + 1;
    }
    if (char === "`") throw new NotPlain("a command substitution", at);
    if (char === "$") {
      const known = KNOWN_VARIABLE.exec(text.slice(at, at + 8));
      const name = known?.[1] ?? known?.[2];
      if (name !== "HOME" && name !== "PWD") throw new NotPlain("an expansion", at);
      flush();
      draft.parts.push({ variable: name });
      at += known?.[0].length ?? 0;
    } else if (char === "\\" && /["$`\\]/.test(text.charAt(at + 1))) {
      run += text.charAt(at + 1);
      at += 2;
    } else if (char === "\\" && text[at + 1] === "\n") {
      throw new NotPlain("a line continuation", at);
    } else {
      run += char;
      at += 1;
    }
  }
  throw new NotPlain("a double quote that is never closed", start);
}

/** Quoted text may be any visible character, tab or newline. */
function checkQuotedText(body: string, offset: number): void {
  const deceptive = deceptiveOffset(body, { blanks: true });
  if (deceptive >= 0) throw new NotPlain("an invisible or control character", offset + deceptive);
}

function append(draft: Draft, text: string): void {
  const last = draft.parts.length - 1;
  const tail = draft.parts[last];
  if (typeof tail === "string") draft.parts[last] = tail + text;
  else draft.parts.push(text);
}
