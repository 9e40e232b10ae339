import path from "node:path";
import { loadConfig, resolveHome } from "@quire/config";
import { CodedError } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { openKeyStore } from "../session/model/key-store.ts";
import { workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Take over what Codex has kept: configuration, command rules, AGENTS.md, skills and threads.

Usage: quire import codex [--dry-run] [--from DIR] [--with-key] [--json]

  --dry-run    only say what would be taken
  --from DIR   Codex's home (without it: $CODEX_HOME, else ~/.codex)
  --with-key   take the API key too, to where quire login would keep it
  --json       the report as JSON

Nothing that is there already is overwritten, and nothing is changed in Codex's home. Tokens of accounts and trust in
projects are not taken: say anew which projects you trust. What was not taken is listed with the reason.
`;

/** `quire import`. */
export async function runImport(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("import", argv, {
    "dry-run": { type: "boolean" },
    from: { type: "string" },
    "with-key": { type: "boolean" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return showHelp(HELP, system);
  if (positionals[0] !== "codex" || positionals.length > 1)
    throw wrongUse("import", "say what: quire import codex");
  const { CODEX_HOME, ...env } = system.env;
  const from = workingDirectory(
    system.cwd,
    values.from ?? CODEX_HOME ?? path.join(system.homeDir, ".codex"),
    "Say with --from where Codex keeps its files.",
  );
  // CODEX_HOME is where things come from here, so it cannot be where they go.
  const home = await resolveHome(env, system.homeDir);
  if (path.resolve(home) === from) {
    throw wrongUse("import", `${from} is the Quire home already; there is nothing to take over`);
  }
  const { importCodex } = await import("../import-codex/import-codex.ts");
  const keys = values["with-key"] ? await keyStore(home, env, system) : null;
  const taken = await importCodex({ from, home, dryRun: values["dry-run"] ?? false, keys });
  if (values.json) {
    system.stdout.write(
      `${JSON.stringify({ from, home, dry_run: values["dry-run"] ?? false, entries: taken }, null, 2)}\n`,
    );
    return EXIT.done;
  }
  const { reportText } = await import("../import-codex/report.ts");
  system.stdout.write(reportText(taken, { from, home, dryRun: values["dry-run"] ?? false }));
  return EXIT.done;
}

/** As the configuration that is here already says; what comes with the import does not decide where secrets go. */
async function keyStore(home: string, env: System["env"], system: System) {
  const loaded = await loadConfig({ home, cwd: system.cwd, env });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  return openKeyStore(home, loaded.config.authStore);
}
