import type { QuireConfig } from "@quire/config";
import { featuresOf, type GatewayOptions, type Upstream } from "@quire/gateway";
import type { Catalogue } from "@quire/models";
import { chooseModel, OFFLINE_MODEL } from "../session/model/model-choice.ts";
import { openModelClient } from "../session/model/model-client.ts";
import type { System } from "../system.ts";

/** Stands for the model where only the provider and its credential matter. */
const ANY_MODEL = "any";

/** Every provider of the configuration, the offline engine, and which of them takes requests that name none. */
export function gatewayModels(
  config: QuireConfig,
  parts: { system: System; home: string; catalogue: Catalogue; note: (text: string) => void },
): Pick<GatewayOptions["models"], "upstreams" | "defaultUpstream" | "defaultModel"> {
  const { system, home, note } = parts;
  const named =
    config.modelProvider !== null && config.model === null && config.modelProvider in config.modelProviders;
  const choice = chooseModel(named ? { ...config, model: ANY_MODEL } : config, system.env, home);
  const defaultUpstream = choice.kind === "offline" ? OFFLINE_MODEL : choice.provider.id;
  const defaultModel = choice.kind === "offline" ? OFFLINE_MODEL : named ? null : choice.model;
  const upstreamOf = (id: string, wireApi: string): Upstream => ({
    id,
    features: featuresOf(wireApi),
    // A provider without its key is an error only of the requests that want it.
    open: async () => {
      const model = id === OFFLINE_MODEL ? OFFLINE_MODEL : ANY_MODEL;
      const own = chooseModel({ ...config, modelProvider: id, model }, system.env, home);
      return openModelClient(own, system, note, () => {});
    },
  });
  const providers = Object.values(config.modelProviders).map(({ id, wireApi }) => upstreamOf(id, wireApi));
  const openai = "openai" in config.modelProviders ? [] : [upstreamOf("openai", "responses")];
  return {
    upstreams: [...providers, ...openai, upstreamOf(OFFLINE_MODEL, OFFLINE_MODEL)],
    defaultUpstream,
    defaultModel,
  };
}
