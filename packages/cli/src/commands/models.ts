import { type LoadedConfig, loadConfig, resolveHome } from "@quire/config";
import { costOf } from "@quire/models";
import { CodedError, groupedDigits, NO_USAGE, visibleText } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { modelRows } from "../models/model-rows.ts";
import { modelTable } from "../models/model-table.ts";
import { modelCatalogue } from "../session/model/model-catalogue.ts";
import { chooseModel, type ModelChoice } from "../session/model/model-choice.ts";
import {
  keepProbe,
  type ModelProbe,
  probeOf,
  probesFile,
  readProbes,
} from "../session/model/model-probes.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Know the models.

Usage: quire models [--json]           the known models: limits, efforts, prices with their dates, and who says so
       quire models --local [--json]   the models of servers that run on this machine; asks their well-known ports
       quire models probe [MODEL]      find out by small real requests what a model can do, and keep it

  --json             for programs
  --context          probe: also send a request that is too long on purpose; most endpoints charge nothing for it
  -p, --profile NAME, -c KEY=VALUE, --oss, --local-provider NAME   as with quire exec
`;

const OPTIONS = {
  json: { type: "boolean" },
  local: { type: "boolean" },
  context: { type: "boolean" },
  profile: { type: "string", short: "p" },
  config: { type: "string", short: "c", multiple: true },
  oss: { type: "boolean" },
  "local-provider": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

interface Asked {
  home: string;
  loaded: LoadedConfig;
  json: boolean;
  system: System;
}

/** `quire models`. */
export async function runModels(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("models", argv, OPTIONS);
  if (values.help) return showHelp(HELP, system);
  const [action, model, extra] = positionals;
  if (extra !== undefined) throw wrongUse("models", `unexpected argument ${JSON.stringify(extra)}`);
  if (values.local) return await showLocal(values.json ?? false, system);
  const home = await resolveHome(system.env, system.homeDir);
  const provider = values["local-provider"] ?? (values.oss ? "oss" : undefined);
  const overrides = [
    ...(provider === undefined ? [] : [`model_provider=${JSON.stringify(provider)}`]),
    ...(model === undefined ? [] : [`model=${JSON.stringify(model)}`]),
    ...(values.config ?? []),
  ];
  const profile = values.profile === undefined ? {} : { profile: values.profile };
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env, overrides, ...profile });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const asked = { home, loaded, json: values.json ?? false, system };
  if (action === undefined) return showCatalogue(asked);
  if (action === "probe") return await probe(asked, values.context ?? false);
  throw wrongUse("models", `there is no action ${JSON.stringify(action)}; say probe, or nothing`);
}

function showCatalogue({ home, loaded, json, system }: Asked): number {
  const choice = choiceIfAny(loaded, home, system);
  const probes = readProbes(home);
  const endpoint = choice?.kind === "endpoint" ? choice : null;
  const rows = modelRows({
    catalogue: modelCatalogue(loaded.config),
    current: endpoint === null ? null : { model: endpoint.model, provider: endpoint.provider.id },
    probeOf: (id) => (endpoint === null ? null : probeOf(probes, endpoint.provider, id)),
  });
  system.stdout.write(json ? `${JSON.stringify({ models: rows }, null, 2)}\n` : modelTable(rows));
  return EXIT.done;
}

/** A catalogue can be read without a key or a model. */
function choiceIfAny(loaded: LoadedConfig, home: string, system: System): ModelChoice | null {
  try {
    return chooseModel(loaded.config, system.env, home);
  } catch (thrown) {
    if (thrown instanceof CodedError) return null;
    throw thrown;
  }
}

async function showLocal(json: boolean, system: System): Promise<number> {
  const { findLocalServers } = await import("../models/local-servers.ts");
  const servers = await findLocalServers(new AbortController().signal);
  if (json) {
    system.stdout.write(`${JSON.stringify({ servers }, null, 2)}\n`);
    return EXIT.done;
  }
  const lines = servers.flatMap(({ provider, base_url, models }) => [
    `${provider} at ${base_url}`,
    ...models.map(({ id, context_window }) => {
      const window = context_window === null ? "" : `  ${groupedDigits(context_window)} tokens`;
      return `  ${visibleText(id)}${window}`;
    }),
    ...(models.length === 0 ? ["  no models are loaded"] : []),
  ]);
  const none =
    "No model server answers at the well-known ports of this machine (Ollama, LM Studio, llama.cpp, vLLM).";
  const use = 'Use one: quire exec --local-provider NAME -m MODEL "…"';
  system.stdout.write(`${(lines.length === 0 ? [none] : [...lines, use]).join("\n")}\n`);
  return EXIT.done;
}

async function probe({ home, loaded, json, system }: Asked, context: boolean): Promise<number> {
  const choice = chooseModel(loaded.config, system.env, home);
  if (choice.kind === "offline") {
    throw new CodedError("usage_invalid", "the offline engine is no endpoint that could be probed", {
      nextStep: "Give a model: quire models probe MODEL",
    });
  }
  const [{ openLedger }, { enteredClient }, { newId }, { openModelClient }, { PROBE_COST, probeModel }] =
    await Promise.all([
      import("@quire/ledger"),
      import("../session/entered-client.ts"),
      import("../session/thread-deps.ts"),
      import("../session/model/model-client.ts"),
      import("../models/probe-model.ts"),
    ]);
  const catalogue = modelCatalogue(loaded.config);
  const { model, id } = catalogue.resolveAlias(choice.model);
  const usage = { ...NO_USAGE, input_tokens: PROBE_COST.inputTokens, output_tokens: PROBE_COST.outputTokens };
  const cost = costOf(usage, model);
  const price =
    cost.kind === "known" ? `at most $${cost.usd.toFixed(4)}` : `an unknown price: ${cost.reason}`;
  const overlong = context ? (model.context_window ?? 128_000) + 10_000 : null;
  const more =
    overlong === null ? "" : `, and one of ${groupedDigits(overlong)} tokens that should be refused`;
  system.stderr.write(
    `Asking ${id} at ${choice.provider.id}: ${PROBE_COST.requests} requests, about ${groupedDigits(PROBE_COST.inputTokens)} tokens in and up to ${groupedDigits(PROBE_COST.outputTokens)} out${more}; ${price}.\n`,
  );
  const stop = new AbortController();
  const release = system.onStop(() => stop.abort());
  const client = await openModelClient(
    choice,
    system,
    () => {},
    () => {},
  );
  const ledger = openLedger(home);
  const as = { purpose: "probe", agent: "probe", run: newId(system) } as const;
  const entered = enteredClient(client, as, { ledger, catalogue, system });
  try {
    const told = (what: string) => void system.stderr.write(`  ${what} …\n`);
    const outcome = await probeModel(entered, id, { signal: stop.signal, overlongTokens: overlong, told });
    if (outcome.kind === "failed") {
      const { code, message, next_step } = outcome.error;
      throw new CodedError(code, message, next_step === undefined ? {} : { nextStep: next_step });
    }
    const { provider } = choice;
    const found: ModelProbe = {
      provider: provider.id,
      model: id,
      base_url: provider.baseUrl ?? "",
      wire_api: provider.wireApi,
      probed_at: Math.floor(system.now() / 1_000),
      ...outcome.findings,
    };
    keepProbe(home, found);
    system.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : probeText(found, home));
    return EXIT.done;
  } finally {
    release();
    client.close();
    ledger.close();
  }
}

function probeText(probe: ModelProbe, home: string): string {
  const lines = [
    `streaming          ${probe.streaming}`,
    `usage              ${probe.usage}`,
    `tools              ${probe.tools}`,
    `parallel calls     ${probe.parallel}`,
    `images             ${probe.images}`,
    `structured output  ${probe.structured_output}`,
    ...(probe.context_error === null ? [] : [`too long           ${visibleText(probe.context_error)}`]),
    `Kept in ${probesFile(home)}; a "no" is heeded from now on. What config.toml says in capabilities wins.`,
  ];
  return `${lines.join("\n")}\n`;
}
