/**
 * Splits an example into words by the quoting rules of POSIX shells, with comments, without any expansion.
 * Null when a quote is not closed or a backslash is last.
 */
export function splitWords(text: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (/[ \t\n]/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (char === "'") {
      const end = text.indexOf("'", at + 1);
      if (end < 0) return null;
      word = (word ?? "") + text.slice(at + 1, end);
      at = end;
    } else if (char === '"') {
      const quoted = readDouble(text, at);
      if (quoted === null) return null;
      word = (word ?? "") + quoted.text;
      at = quoted.end;
    } else if (char === "\\") {
      if (at + 1 >= text.length) return null;
      const next = text.charAt(at + 1);
      if (next !== "\n") word = (word ?? "") + next;
      at += 1;
    } else if (char === "#" && word === null) {
      const end = text.indexOf("\n", at);
      if (end < 0) break;
      at = end - 1;
    } else word = (word ?? "") + char;
  }
  if (word !== null) words.push(word);
  return words;
}

function readDouble(text: string, start: number): { text: string; end: number } | null {
  let out = "";
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') return { text: out, end: at };
    if (char === "\\" && at + 1 < text.length) {
      const next = text.charAt(at + 1);
      if (next !== "\n") out += /["$`\\]/.test(next) ? next : `\\${next}`;
      at += 1;
    } else out += char;
  }
  return null;
}

/** Joins words so that splitting gives them back; single quotes where needed. */
export function joinWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
}
