import { parseArgs } from "node:util";
import { resolveHome } from "@quire/config";
import { CodedError, visibleText } from "@quire/protocol";
import { type CheckResult, runChecks } from "../doctor/check.ts";
import { doctorChecks } from "../doctor/checks.ts";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { type Style, styleFor } from "../terminal/style.ts";
import { showHelp } from "../words.ts";

const HELP = `Check what Quire needs on this machine.

Usage: quire doctor [--json] [--all]

  --json   the report as JSON
  --all    details of every check, not only of those that found something

Exit code: 0 when nothing is wrong (warnings included), 1 otherwise.
`;

/** `quire doctor`. */
export async function runDoctor(argv: readonly string[], system: System): Promise<number> {
  const values = parse(argv);
  if (values.help) return showHelp(HELP, system);
  const home = await resolveHome(system.env, system.homeDir);
  const checks = await runChecks(doctorChecks(system, home), system.monotonicMs);
  const failed = checks.some((check) => check.status === "error");
  if (values.json) {
    system.stdout.write(`${JSON.stringify({ schemaVersion: 1, ok: !failed, checks }, null, 2)}\n`);
  } else {
    const style = styleFor(system, "auto");
    for (const check of checks) system.stdout.write(checkText(check, values.all ?? false, style));
  }
  return failed ? EXIT.failed : EXIT.done;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: { json: { type: "boolean" }, all: { type: "boolean" }, help: { type: "boolean", short: "h" } },
      strict: true,
    }).values;
  } catch (cause) {
    throw new CodedError("usage_invalid", cause instanceof Error ? cause.message : String(cause), {
      nextStep: "See: quire doctor --help",
    });
  }
}

function checkText(check: CheckResult, all: boolean, style: Style): string {
  const mark = {
    ok: style.green("✔"),
    warning: style.yellow("!"),
    error: style.red("✗"),
    skipped: style.dim("–"),
  }[check.status];
  const lines = [`${mark} ${check.title}: ${visibleText(check.summary)}`];
  if (all || check.status === "warning" || check.status === "error") {
    for (const detail of check.details) lines.push(style.dim(`    ${visibleText(detail)}`));
  }
  if (check.remediation !== null) lines.push(`    → ${visibleText(check.remediation)}`);
  return `${lines.join("\n")}\n`;
}
