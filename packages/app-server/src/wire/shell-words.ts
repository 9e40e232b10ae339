const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** An argument list as one line that a POSIX shell reads back as the same list. */
export function joinWords(words: readonly string[]): string {
  return words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`)).join(" ");
}
