import { loadConfig } from "@quire/config";
import { openLedger } from "@quire/ledger";
import { costOf, type ModelClient } from "@quire/models";
import { CodedError, type Cost, type TokenUsage } from "@quire/protocol";
import { enteredClient } from "../session/entered-client.ts";
import { modelCatalogue } from "../session/model/model-catalogue.ts";
import { chooseModel } from "../session/model/model-choice.ts";
import { openModelClient } from "../session/model/model-client.ts";
import { newId } from "../session/thread-deps.ts";
import type { System } from "../system.ts";

/** A model that answers on its own, without an agent around it. */
export interface OpenModel {
  readonly client: ModelClient;
  readonly model: string;
  readonly costOf: (usage: TokenUsage) => Cost;
}

/** Opens the model of the configuration, or `model` with the configured provider. */
export async function openModel(system: System, home: string, model: string | undefined): Promise<OpenModel> {
  const flags = model === undefined ? {} : { model };
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env, flags });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const choice = chooseModel(loaded.config, system.env, home);
  if (choice.kind === "offline") {
    throw new CodedError("usage_invalid", "the offline repair engine repairs; it does not write functions", {
      nextStep: "Configure a model provider, or judge samples that exist: --samples FILE.",
    });
  }
  const note = (text: string) => system.stderr.write(`quire eval: ${text}\n`);
  const client = await openModelClient(choice, system, note, () => undefined);
  const catalogue = modelCatalogue(loaded.config);
  const { id, model: entry } = catalogue.resolveAlias(choice.model);
  const ledger = openLedger(home);
  const as = { purpose: "eval", agent: "eval", run: newId(system) } as const;
  const entered = enteredClient(client, as, { ledger, catalogue, system });
  const close = () => {
    client.close();
    ledger.close();
  };
  return { client: { ...entered, close }, model: id, costOf: (usage) => costOf(usage, entry) };
}
