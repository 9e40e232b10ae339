import type { ReadStatement, RuleKind } from "@quire/core";
import { visibleLine } from "@quire/protocol";
import type { AgentsFiles } from "./agents-files.ts";

/** What `quire agents rules --json` prints. */
export interface RulesReport {
  /** False: `project_doc_rules = "off"`. */
  enforced: boolean;
  files: string[];
  counts: Record<ReadStatement["standing"], number>;
  statements: (ReadStatement & { kinds: RuleKind[] })[];
}

export function rulesReport({ docs, rules, enforced }: AgentsFiles): RulesReport {
  const counts = { enforced: 0, partly: 0, prose: 0, invalid: 0 };
  const statements = rules.statements.map((statement) => {
    counts[statement.standing]++;
    const own = rules.rules.filter(
      ({ source }) =>
        source.file === statement.file && source.line === statement.line && source.text === statement.text,
    );
    return { ...statement, kinds: own.map(({ check }) => check.kind) };
  });
  return { enforced, files: docs.documents.map(({ path }) => path), counts, statements };
}

const MARKS = { enforced: "✓", partly: "◐", prose: "·", invalid: "✗" } as const;

/** The report for people: each file, its statements, what is enforced. */
export function rulesText({ enforced, files, counts, statements }: RulesReport): string {
  if (files.length === 0) return "There is no AGENTS.md here. quire init writes one.\n";
  const lines = files.flatMap((file) => [
    visibleLine(file),
    ...statements
      .filter((statement) => statement.file === file)
      .map(({ line, standing, text, kinds, why }) => {
        const note =
          standing === "enforced"
            ? kinds.join(", ")
            : standing === "partly"
              ? `${kinds.join(", ")}; ${why}`
              : why;
        return `  ${MARKS[standing]} ${String(line).padStart(4)}  ${visibleLine(text).slice(0, 110)}  [${visibleLine(note)}]`;
      }),
  ]);
  const sum = `${counts.enforced} enforced, ${counts.partly} in part, ${counts.prose} prose, ${counts.invalid} invalid`;
  const off = enforced ? [] : ['project_doc_rules = "off": nothing of this is enforced'];
  return `${[...lines, "", sum, ...off].join("\n")}\n`;
}
