import fs from "node:fs";
import { configOrigin } from "@quire/config";
import { BASE_INSTRUCTIONS } from "@quire/core";
import { CodedError } from "@quire/protocol";
import { realPathOf } from "./command-context.ts";
import { readGuard } from "./read-guard.ts";
import type { SessionRequest } from "./session-request.ts";

/** What every request of a new thread begins with: the user's own text where there is one, else ours. */
export function baseInstructions(request: SessionRequest): string {
  const { loaded, workspace } = request;
  const file = loaded.config.modelInstructionsFile;
  if (file === null) return loaded.config.instructions ?? BASE_INSTRUCTIONS;
  const isOfProject = configOrigin(loaded, "model_instructions_file")?.layer === "project";
  if (isOfProject && !readGuard(request, workspace)(realPathOf(file))) {
    throw new CodedError(
      "config_invalid",
      `model_instructions_file ${file} names a file that holds secrets`,
      {
        nextStep: "Correct the project's configuration; what it names is sent to the model.",
      },
    );
  }
  try {
    return fs.readFileSync(file, "utf8");
  } catch (cause) {
    throw new CodedError("config_invalid", `model_instructions_file ${file} cannot be read`, {
      cause,
      nextStep: "Correct the path in config.toml, or remove the key.",
    });
  }
}
