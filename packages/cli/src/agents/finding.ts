import { visibleLine } from "@quire/protocol";
import type { AgentsFiles } from "./agents-files.ts";

/** Something about an AGENTS.md. A note is worth knowing and no fault. */
export interface Finding {
  severity: "error" | "warning" | "note";
  code:
    | "too_long"
    | "command_missing"
    | "path_missing"
    | "contradiction"
    | "duplicate"
    | "hidden_characters"
    | "invalid_rule"
    | "not_checkable"
    | "unreadable";
  file: string;
  /** Zero: the file as a whole. */
  line: number;
  message: string;
}

const MARKS = { error: "✗", warning: "!", note: "·" } as const;

export function findingsText(findings: readonly Finding[], { docs }: AgentsFiles): string {
  if (docs.documents.length === 0 && findings.length === 0)
    return "There is no AGENTS.md here. quire init writes one.\n";
  const lines = findings.map(
    ({ severity, code, file, line, message }) =>
      `${MARKS[severity]} ${visibleLine(file)}${line > 0 ? `:${line}` : ""}  ${visibleLine(message)} [${code}]`,
  );
  const count = (severity: Finding["severity"]) =>
    findings.filter((finding) => finding.severity === severity).length;
  return `${[...lines, `${count("error")} errors, ${count("warning")} warnings, ${count("note")} notes in ${docs.documents.length} files`].join("\n")}\n`;
}
