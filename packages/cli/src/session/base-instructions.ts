import fs from "node:fs";
import type { QuireConfig } from "@quire/config";
import { BASE_INSTRUCTIONS } from "@quire/core";
import { CodedError } from "@quire/protocol";

/** What every request of a new thread begins with: the user's own text where there is one, else ours. */
export function baseInstructions(config: QuireConfig): string {
  const file = config.modelInstructionsFile;
  if (file === null) return config.instructions ?? BASE_INSTRUCTIONS;
  try {
    return fs.readFileSync(file, "utf8");
  } catch (cause) {
    throw new CodedError("config_invalid", `model_instructions_file ${file} cannot be read`, {
      cause,
      nextStep: "Correct the path in config.toml, or remove the key.",
    });
  }
}
