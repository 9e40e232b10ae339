import type { ExperimentalFeature } from "@quire/protocol/app-server";
import { FEATURES, featureEnabled } from "../session/features.ts";
import { type EngineBase, readConfig } from "./thread-config.ts";

/** Every switch and how it stands. */
export async function featureList(base: EngineBase): Promise<ExperimentalFeature[]> {
  const { config } = await readConfig(base, base.system.cwd, []);
  return FEATURES.map(({ name, stage, summary, default: defaultEnabled }) => ({
    name,
    stage: stage === "experimental" ? "beta" : stage,
    displayName: stage === "experimental" ? name : null,
    description: summary,
    announcement: null,
    enabled: featureEnabled(config, name),
    defaultEnabled,
  }));
}
