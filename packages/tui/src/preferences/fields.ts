/** What the line below the composer can show, in the order of its default. */
export const STATUS_FIELDS = [
  "model",
  "effort",
  "mode",
  "preset",
  "folder",
  "branch",
  "threads",
  "goal",
  "background",
  "context",
  "tokens",
  "cost",
  "budget",
  "limits",
] as const;
export type StatusField = (typeof STATUS_FIELDS)[number];

/** Codex's names for the same. */
export const STATUS_ALIASES: Readonly<Record<string, readonly StatusField[]>> = {
  "model-name": ["model"],
  "model-with-reasoning": ["model", "effort"],
  permissions: ["preset"],
  "current-dir": ["folder"],
  "git-branch": ["branch"],
  "context-remaining": ["context"],
  "used-tokens": ["tokens"],
};

/** What the title of the window can show. */
export const TITLE_FIELDS = ["app", "status", "thread", "folder", "branch", "model"] as const;
export type TitleField = (typeof TITLE_FIELDS)[number];

export const TITLE_ALIASES: Readonly<Record<string, readonly TitleField[]>> = {
  "app-name": ["app"],
  project: ["folder"],
  spinner: ["status"],
  "thread-title": ["thread"],
  "git-branch": ["branch"],
};

/** What the user can be called for, with Codex's names where Codex has them. */
export const ATTENTION_KINDS = ["agent-turn-complete", "approval-requested", "question-asked"] as const;
export type AttentionKind = (typeof ATTENTION_KINDS)[number];
