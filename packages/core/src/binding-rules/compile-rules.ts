import { dirname } from "node:path";
import type { BindingRule, ReadStatement, RuleBook, RuleCheck } from "./binding-rule.ts";
import { readStatements } from "./read-statements.ts";
import { recognise } from "./recognise.ts";
import { readRulesLine } from "./rules-block.ts";

/** One AGENTS.md as the model is shown it, so that line numbers hold. */
export interface RuleDocument {
  kind: "global" | "project";
  path: string;
  text: string;
}

/** Statements of one document that are looked at; a file of the size that is shown to a model holds far fewer. */
const MOST_STATEMENTS = 2000;
const MOST_TEXT = 300;

/** Reads the rules out of documents. `projectRoot`: where the user's own document holds. Never fails. */
export function compileRules(documents: readonly RuleDocument[], projectRoot: string): RuleBook {
  const rules: BindingRule[] = [];
  const statements: ReadStatement[] = [];
  for (const { kind, path, text } of documents) {
    const root = kind === "global" ? projectRoot : dirname(path);
    const add = (
      line: number,
      words: string,
      checks: readonly RuleCheck[],
      standing: ReadStatement["standing"],
      why: string,
    ) => {
      const source = {
        file: path,
        line,
        text: words.length > MOST_TEXT ? `${words.slice(0, MOST_TEXT)}…` : words,
      };
      statements.push({ ...source, standing, why });
      for (const check of checks) rules.push({ source, root, check });
    };
    const { sentences, blocks } = readStatements(text);
    for (const { line, text: words, under, isListItem } of sentences.slice(0, MOST_STATEMENTS)) {
      const found = recognise(words, under, isListItem);
      if (found.kind === "prose") add(line, words, [], "prose", found.why);
      else add(line, words, found.checks, found.partly === null ? "enforced" : "partly", found.partly ?? "");
    }
    for (const block of blocks) {
      for (const [index, words] of block.lines.slice(0, MOST_STATEMENTS).entries()) {
        const found = readRulesLine(words);
        if (found === null) continue;
        const line = block.line + index;
        if (found.kind === "invalid") add(line, words.trim(), [], "invalid", found.why);
        else add(line, words.trim(), [found.check], "enforced", "");
      }
    }
  }
  return { rules, statements };
}
