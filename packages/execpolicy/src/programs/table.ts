import { FILTER_TEXT } from "./filter-text.ts";
import { GIT } from "./git.ts";
import type { ProgramRule } from "./program-rule.ts";
import { SEARCH_FILES } from "./search-files.ts";
import { SHELL_WORDS } from "./shell-words.ts";
import { SHOW_FILES } from "./show-files.ts";
import { STREAM_EDITORS } from "./stream-editors.ts";

const TABLE = new Map<string, ProgramRule>(
  Object.entries({
    ...SHOW_FILES,
    ...FILTER_TEXT,
    ...SEARCH_FILES,
    ...STREAM_EDITORS,
    ...SHELL_WORDS,
    git: GIT,
  }),
);

/** The rule for a program that can be read-only, or undefined: every other program asks. */
export function programRule(name: string): ProgramRule | undefined {
  return TABLE.get(name);
}
