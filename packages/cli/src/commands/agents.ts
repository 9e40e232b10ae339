import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { parseWords, wrongUse } from "../words.ts";

const HELP = `Look at the AGENTS.md files that apply here. Nothing of the repository is run.

Usage: quire agents rules [PATH] [--json]    which statements are enforced, and why the others are not
       quire agents lint [PATH] [--json]     size, commands, paths, contradictions, duplicates, hidden characters

PATH is a directory or a file in it (default: here). docs/agents-md.md lists the sentences that can be enforced.

Exit code: 0; of lint 1 when there is an error or a warning; 2 wrong use.
`;

/** `quire agents`. */
export async function runAgents(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("agents", argv, {
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) {
    system.stdout.write(HELP);
    return EXIT.done;
  }
  const [action, place, ...more] = positionals;
  if ((action !== "rules" && action !== "lint") || more.length > 0) {
    throw wrongUse("agents", "say rules or lint, and at most one path");
  }
  const { loadAgentsFiles } = await import("../agents/agents-files.ts");
  const files = await loadAgentsFiles(system, place ?? null);
  if (action === "rules") {
    const { rulesReport, rulesText } = await import("../agents/rules-report.ts");
    const report = rulesReport(files);
    system.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : rulesText(report));
    return EXIT.done;
  }
  const { lintAgents } = await import("../agents/lint.ts");
  const { findingsText } = await import("../agents/finding.ts");
  const findings = lintAgents(files, system);
  const isClean = findings.every(({ severity }) => severity === "note");
  system.stdout.write(
    values.json ? `${JSON.stringify({ ok: isClean, findings }, null, 2)}\n` : findingsText(findings, files),
  );
  return isClean ? EXIT.done : EXIT.failed;
}
