/**
 * The words of a simple shell command, quotes removed. Null when it is more than that: operators, substitutions,
 * globs or a comment, which only a shell can run.
 */
export function splitWords(command: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (const char of command.trim()) {
    if (quote !== null) {
      if (char === quote) quote = null;
      else if (quote === '"' && /[$`\\]/.test(char)) return null;
      else word = (word ?? "") + char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (char === "\n") return null;
      if (word !== null) words.push(word);
      word = null;
    } else if (/[|&;<>()$`\\*?[\]{}#!~]/.test(char)) return null;
    else word = (word ?? "") + char;
  }
  if (quote !== null) return null;
  if (word !== null) words.push(word);
  return words;
}
