import { loadConfig, resolveHome } from "@quire/config";
import { createCatalogue } from "@quire/models";
import { CodedError } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { modelCatalogue } from "../session/model/model-catalogue.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Look inside.

Usage: quire debug prompt-input [OPTIONS] [PROMPT]   what the model would be sent, as JSON; nothing is sent
       quire debug models [--bundled]                the known models with their prices, as JSON

prompt-input takes the options of quire exec (-m, -C, -c, -s, -i, …) and
      --request   prints the whole request, tools included, not only its input
      --pieces    prints what it consists of: source, size, bound, and whether a cache can hold it
models:
      --bundled   without the models of model_catalog_json
`;

/** `quire debug`. */
export async function runDebug(argv: readonly string[], system: System): Promise<number> {
  const [topic, ...rest] = argv;
  if (topic === "--help" || topic === "-h" || rest.includes("--help") || rest.includes("-h"))
    return showHelp(HELP, system);
  if (topic === "prompt-input") {
    const { printPromptInput } = await import("../debug/prompt-input.ts");
    return printPromptInput(rest, system);
  }
  if (topic === "models") return printModels(rest, system);
  const what = topic === undefined ? "" : `there is no topic ${JSON.stringify(topic)}; `;
  throw wrongUse("debug", `${what}say prompt-input or models`);
}

async function printModels(argv: readonly string[], system: System): Promise<number> {
  const { values } = parseWords("debug", argv, {
    bundled: { type: "boolean" },
    config: { type: "string", short: "c", multiple: true },
  });
  const home = await resolveHome(system.env, system.homeDir);
  const overrides = values.config ?? [];
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env, overrides });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const { models } = values.bundled ? createCatalogue() : modelCatalogue(loaded.config);
  system.stdout.write(`${JSON.stringify({ models }, null, 2)}\n`);
  return EXIT.done;
}
