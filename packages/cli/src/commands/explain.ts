import fs from "node:fs";
import { loadConfig, resolveHome, SYSTEM_CONFIG_FILE } from "@quire/config";
import { findLastThread, findThread, parseRollout } from "@quire/core";
import { type ExplainDeps, explainThread } from "@quire/core/explain";
import { costOf, priceInUse } from "@quire/models";
import { CodedError } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { modelCatalogue } from "../session/model/model-catalogue.ts";
import { OFFLINE_MODEL } from "../session/model/model-choice.ts";
import { localDate } from "../session/surroundings.ts";
import type { System } from "../system.ts";
import { explanationText, nextText } from "../usage/explain-report.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Explain what a thread has cost, from its log alone.

Usage: quire explain [THREAD | --last] [--next] [--json] [-c KEY=VALUE]

  THREAD       id of a thread, or the beginning of one
  --last       the thread of this directory that was written to last (without THREAD: this)
  --next       only what the next request would take
  --json       everything as one JSON object
  -c KEY=VALUE override a configuration value, such as model_catalog_json

Shown are: where the input came from, which request stopped continuing the one before it, at which byte and in which field
or item, what that cost against a cache hit, the outputs that took most, and what the next request would take. The split by
source is worked out from sizes; its sum is what the endpoint counted.
`;

/** `quire explain`: the bill of one thread. */
export async function runExplain(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("explain", argv, {
    help: { type: "boolean", short: "h" },
    last: { type: "boolean" },
    next: { type: "boolean" },
    json: { type: "boolean" },
    config: { type: "string", short: "c", multiple: true },
  });
  if (values.help) return showHelp(HELP, system);
  const [wanted, stray] = positionals;
  if (stray !== undefined) throw wrongUse("explain", `unexpected argument ${JSON.stringify(stray)}`);
  if (wanted !== undefined && values.last) throw wrongUse("explain", "give a thread or --last, not both");
  const home = await resolveHome(system.env, system.homeDir);
  const stored =
    wanted === undefined ? findLastThread(home, fs.realpathSync(system.cwd)) : findThread(home, wanted);
  const { records } = parseRollout(fs.readFileSync(stored.path));
  const explanation = explainThread(records, await priceList(system, home, values.config ?? []));
  if (values.json) {
    const shown = values.next ? { next: explanation.next } : explanation;
    system.stdout.write(`${JSON.stringify({ thread: stored.id, ...shown }, null, 2)}\n`);
  } else if (values.next) system.stdout.write(nextText(explanation));
  else system.stdout.write(explanationText(stored.id, explanation));
  return EXIT.done;
}

async function priceList(system: System, home: string, overrides: readonly string[]): Promise<ExplainDeps> {
  const { env, cwd } = system;
  const loaded = await loadConfig({ home, cwd, env, systemFile: SYSTEM_CONFIG_FILE, overrides });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const catalogue = modelCatalogue(loaded.config);
  return {
    priceOf: (usage, model) =>
      model === OFFLINE_MODEL
        ? { kind: "known", usd: 0, priced_as_of: localDate(system) }
        : costOf(usage, catalogue.resolveAlias(model).model),
    inputPrices: (model) => {
      const price = priceInUse(catalogue.resolveAlias(model).model);
      return { plain: price?.input ?? null, cached: price?.cached_input ?? null };
    },
  };
}
