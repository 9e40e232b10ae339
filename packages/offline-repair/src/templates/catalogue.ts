import { otherConstants } from "./constants.ts";
import { missingGuard, missingStatement } from "./insertions.ts";
import { grouped, listed, otherBounds } from "./lists.ts";
import { tabled } from "./rules.ts";
import { elseBranch, extraStatement, misplacedStatement } from "./statements.ts";
import type { Template } from "./template.ts";
import { otherNames, otherWords } from "./words.ts";

/** All that proposes edits. What can be said as "this text in the stead of that" is a row of `rules.ts` or `words.ts`. */
export const TEMPLATES: readonly Template[] = [
  tabled,
  otherWords,
  otherNames,
  otherConstants,
  listed,
  otherBounds,
  grouped,
  extraStatement,
  misplacedStatement,
  elseBranch,
  missingGuard,
  missingStatement,
];
