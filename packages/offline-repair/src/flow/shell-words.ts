/** Of plain characters and quoted pieces; without what only a shell understands. */
const WORD = /(?:[^\s'"|&;<>()$`\\*?[\]{}#!~]|'[^']*'|"[^"$`\\]*")+/g;

/** The words of a simple shell command, quotes removed; null when it is more than that. */
export function splitWords(command: string): string[] | null {
  const rest = command.replace(WORD, "");
  if (!/^[^\S\n]*$/.test(rest)) return null;
  return (command.match(WORD) ?? []).map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"));
}

/** A text as one word of a shell command. */
export function quoteWord(text: string): string {
  return /^[\w@./+:=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
