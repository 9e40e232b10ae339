import path from "node:path";
import { loadConfig, resolveHome, setConfigValue } from "@quire/config";
import { CodedError } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { FEATURES, featureEnabled, isFeature } from "../session/features.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Look at switches and set them.

Usage: quire features list [--json]
       quire features enable NAME
       quire features disable NAME

enable and disable write to config.toml of the Quire home and leave everything else in it as it is. For one run only:
quire exec --enable NAME, --disable NAME.
`;

/** `quire features`. */
export async function runFeatures(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("features", argv, {
    json: { type: "boolean" },
    config: { type: "string", short: "c", multiple: true },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return showHelp(HELP, system);
  const [action, name, extra] = positionals;
  if (extra !== undefined) throw wrongUse("features", `unexpected argument ${JSON.stringify(extra)}`);
  const home = await resolveHome(system.env, system.homeDir);
  if (action === "list") return list(home, values.config ?? [], values.json ?? false, system);
  if (action !== "enable" && action !== "disable") throw wrongUse("features", "say list, enable or disable");
  if (name === undefined || !isFeature(name)) {
    const known = FEATURES.map((feature) => feature.name).join(", ");
    throw wrongUse("features", `there is no feature ${JSON.stringify(name ?? "")}; known: ${known}`);
  }
  const file = path.join(home, "config.toml");
  await setConfigValue(file, ["features", name], action === "enable");
  system.stdout.write(`${name} is ${action}d in ${file}.\n`);
  return EXIT.done;
}

async function list(
  home: string,
  overrides: readonly string[],
  json: boolean,
  system: System,
): Promise<number> {
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env, overrides });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const rows = FEATURES.map((feature) => ({
    ...feature,
    enabled: featureEnabled(loaded.config, feature.name),
  }));
  if (json) {
    system.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return EXIT.done;
  }
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, stage, enabled, summary } of rows) {
    system.stdout.write(
      `${name.padEnd(width)}  ${stage.padEnd(12)}  ${String(enabled).padEnd(5)}  ${summary}\n`,
    );
  }
  return EXIT.done;
}
