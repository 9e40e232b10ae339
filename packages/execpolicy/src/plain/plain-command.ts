/** A stretch of a word: fixed text, or one of the two variables the plain subset knows. */
export type PlainWordPart = string | { variable: "HOME" | "PWD" };

/** One shell word after quote removal. */
export interface PlainWord {
  parts: PlainWordPart[];
  /** Holds an unquoted `*`, `?` or `[`: bash may turn it into any number of file names. */
  glob: boolean;
  /** The word begins with an unquoted glob character, so an expansion may begin with `-`. */
  leadingGlob: boolean;
  /** UTF-16 offset of the word in the command text. */
  offset: number;
}

/** The only redirections the plain subset allows. */
export type PlainRedirect =
  | { kind: "discard"; fd: "1" | "2" | "both" }
  | { kind: "merge"; from: "1" | "2"; to: "1" | "2" }
  | { kind: "input"; path: PlainWord };

/** What joins a command to the next one; a newline counts as `;`. Null after the last command. */
export type PlainOperator = "&&" | "||" | ";" | "|" | null;

/** One simple command. */
export interface PlainCommand {
  assignments: { name: string; value: string }[];
  argv: PlainWord[];
  redirects: PlainRedirect[];
  operatorAfter: PlainOperator;
  /** The command as written. */
  text: string;
}

/** The verdict of the recogniser. `offset` is the UTF-16 position of the first thing it does not accept. */
export type PlainResult =
  | { kind: "plain"; commands: PlainCommand[]; shell: "bash" | "sh" | null }
  | { kind: "not-plain"; why: string; offset: number };

/** The word's text with the two known variables filled in, or null when one of them is unknown. */
export function wordText(word: PlainWord, variables: { HOME?: string; PWD?: string }): string | null {
  let text = "";
  for (const part of word.parts) {
    const value = typeof part === "string" ? part : variables[part.variable];
    if (value === undefined) return null;
    text += value;
  }
  return text;
}

/** The word's text when it holds no variable at all. */
export function literalText(word: PlainWord): string | null {
  return wordText(word, {});
}
