import type { ProjectDocs } from "../project-docs/load-project-docs.ts";
import type { RuleBook } from "./binding-rule.ts";

/** Reads the rules out of loaded AGENTS.md files. The grammar is only loaded where there is something to read. */
export async function readRuleBook(docs: Pick<ProjectDocs, "documents" | "root">): Promise<RuleBook> {
  if (docs.documents.length === 0) return { rules: [], statements: [] };
  const { compileRules } = await import("./compile-rules.ts");
  return compileRules(docs.documents, docs.root);
}
