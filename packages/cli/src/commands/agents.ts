import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Look at the AGENTS.md files that apply here, and at the kinds of agents that the model may start. Nothing of the
repository is run.

Usage: quire agents rules [PATH] [--json]    which statements are enforced, and why the others are not
       quire agents lint [PATH] [--json]     size, commands, paths, contradictions, duplicates, hidden characters
       quire agents roles [DIR] [--json]     kinds of agents, with their files, and what is wrong with one

PATH is a directory or a file in it (default: here). docs/agents-md.md lists the sentences that can be enforced,
docs/subagents.md says what a kind of agent is made of.

Exit code: 0; 1 of lint when there is an error or a warning, of roles when a file cannot be used; 2 wrong use.
`;

/** `quire agents`. */
export async function runAgents(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("agents", argv, {
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return showHelp(HELP, system);
  const [action, place, ...more] = positionals;
  if ((action !== "rules" && action !== "lint" && action !== "roles") || more.length > 0) {
    throw wrongUse("agents", "say rules, lint or roles, and at most one path");
  }
  if (action === "roles") return roles(place ?? null, values.json ?? false, system);
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

async function roles(place: string | null, json: boolean, system: System): Promise<number> {
  const { allUsable, roleView, rolesReport, rolesText } = await import("../subagents/roles-report.ts");
  const report = await rolesReport(system, place);
  const isFine = allUsable(report);
  if (json) {
    const { enabled, warnings } = report;
    const view = {
      ok: isFine,
      enabled,
      roles: report.roles.map(roleView),
      hidden: report.hidden.map(({ name, file }) => ({ name, file })),
      problems: warnings,
    };
    system.stdout.write(`${JSON.stringify(view, null, 2)}\n`);
  } else {
    system.stdout.write(rolesText(report));
    for (const { message } of report.warnings) system.stderr.write(`${message}\n`);
  }
  return isFine ? EXIT.done : EXIT.failed;
}
