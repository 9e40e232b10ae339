import * as z from "zod/mini";
import { budgetKeys } from "./budget-keys.ts";
import { interfaceKeys } from "./interface-keys.ts";
import { modelKeys } from "./model-keys.ts";
import { safetyKeys } from "./safety-keys.ts";
import { toolKeys } from "./tool-keys.ts";

/**
 * A configuration file after TOML parsing: the single source for validation, types and the published JSON Schema.
 * Key names are Codex's.
 */
export const ConfigFileSchema = z.object({
  ...modelKeys,
  ...budgetKeys,
  ...safetyKeys,
  ...toolKeys,
  ...interfaceKeys,
});

/** The contents of one layer, or of all layers merged, in the words of the file. */
export type ConfigFile = z.infer<typeof ConfigFileSchema>;
