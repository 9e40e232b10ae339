import fs from "node:fs";
import type { QuireConfig } from "@quire/config";
import { type Catalogue, createCatalogue, mergeUserCatalogue, PUBLISHED_MODELS } from "@quire/models";
import { CodedError } from "@quire/protocol";

/** The models that are known here: the published ones, and the user's where `model_catalog_json` names a file. */
export function modelCatalogue(config: Pick<QuireConfig, "modelCatalogFile">): Catalogue {
  const file = config.modelCatalogFile;
  if (file === null) return createCatalogue();
  return createCatalogue(mergeUserCatalogue(PUBLISHED_MODELS, readJson(file), file));
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError("config_invalid", `the model catalogue ${file} cannot be read: ${why}`, {
      cause,
      nextStep: "Correct model_catalog_json in config.toml, or the file it names.",
    });
  }
}
