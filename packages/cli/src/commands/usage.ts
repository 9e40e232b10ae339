import { loadConfig, resolveHome, SYSTEM_CONFIG_FILE } from "@quire/config";
import { DIMENSIONS, type Dimension, groupUsage, readLedger } from "@quire/ledger";
import { EXIT } from "../exit-code.ts";
import { localDate } from "../session/surroundings.ts";
import { sumsDeps } from "../session/thread-books.ts";
import type { System } from "../system.ts";
import { type Credits, usageCsv, usageJson, usageTable } from "../usage/usage-report.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Show what models have cost, from the ledger of this machine.

Usage: quire usage [--by DIMENSION] [--since DAY] [--until DAY] [--csv | --json]

  --by DIMENSION        ${DIMENSIONS.join(" | ")} (without it: day)
  --since DAY           from this day on: 2026-01-31, today, or 7d for the last seven days
  --until DAY           up to this day and with it
  --csv                 comma-separated values with a header
  --json                one JSON object

Days are those of your time zone. Failed requests count too. Where a price or a count is not known, the sum says how many
requests it leaves out.
`;

/** `quire usage`: the ledger, added up. */
export async function runUsage(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("usage", argv, {
    help: { type: "boolean", short: "h" },
    by: { type: "string" },
    since: { type: "string" },
    until: { type: "string" },
    csv: { type: "boolean" },
    json: { type: "boolean" },
  });
  if (values.help) return showHelp(HELP, system);
  const [stray] = positionals;
  if (stray !== undefined) throw wrongUse("usage", `unexpected argument ${JSON.stringify(stray)}`);
  if (values.csv && values.json) throw wrongUse("usage", "give only one of --csv and --json");
  const by = dimensionNamed(values.by ?? "day");
  const days = {
    since: dayNamed("since", values.since, system),
    until: dayNamed("until", values.until, system),
  };
  const home = await resolveHome(system.env, system.homeDir);
  const ledger = readLedger(sumsDeps(system, home), monthAround(days.since, -1), monthAround(days.until, 1));
  const report = groupUsage(ledger.rows, by, days);
  if (values.json) system.stdout.write(usageJson(report, by, days));
  else if (values.csv) system.stdout.write(usageCsv(report, by));
  else system.stdout.write(usageTable(report, by, await creditsOf(system, home)));
  if (ledger.unreadable > 0) {
    system.stderr.write(`! ${ledger.unreadable} lines of the ledger could not be read and are left out\n`);
  }
  return EXIT.done;
}

/** `[budget.credits]`; a configuration that cannot be read must not hide what was spent. */
async function creditsOf({ cwd, env }: System, home: string): Promise<Credits | null> {
  const loaded = await loadConfig({ home, cwd, env, systemFile: SYSTEM_CONFIG_FILE });
  return loaded.ok ? loaded.config.budget.credits : null;
}

function dimensionNamed(word: string): Dimension {
  const found = DIMENSIONS.find((dimension) => dimension === word);
  if (found !== undefined) return found;
  throw wrongUse("usage", `--by ${JSON.stringify(word)} is not one of ${DIMENSIONS.join(", ")}`);
}

const DAY_MS = 86_400_000;

function dayNamed(flag: string, word: string | undefined, system: System): string | null {
  if (word === undefined) return null;
  if (word === "today") return localDate(system);
  const back = /^(\d{1,4})d$/.exec(word)?.[1];
  if (back !== undefined) return localDate({ now: () => system.now() - (Number(back) - 1) * DAY_MS });
  if (/^\d{4}-\d\d-\d\d$/.test(word) && !Number.isNaN(Date.parse(word))) return word;
  throw wrongUse("usage", `--${flag} ${JSON.stringify(word)} is not a day such as 2026-01-31, today or 7d`);
}

/** Files are by months in UTC and days by the user's zone, so a day may lie in the month beside its own. */
function monthAround(day: string | null, step: number): string | undefined {
  if (day === null) return undefined;
  return new Date(Date.parse(day) + step * DAY_MS).toISOString().slice(0, 7);
}
