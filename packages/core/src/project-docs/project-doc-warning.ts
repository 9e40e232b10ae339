/** Something about the AGENTS.md files that the user should know. `message` is for people and names the file. */
export type ProjectDocWarning =
  | { code: "cut"; file: string; message: string; cutBytes: number }
  | { code: "refused"; file: string; message: string }
  | { code: "unreadable"; file: string; message: string }
  | { code: "not_utf8"; file: string; message: string }
  | { code: "invisible_removed"; file: string; message: string; count: number };
