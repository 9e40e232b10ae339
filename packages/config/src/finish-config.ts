import { KNOWN_EFFORTS } from "@quire/protocol";
import { effortOf } from "./effort.ts";
import { formatKeyPath } from "./key-path.ts";
import type { ConfigOrigin } from "./layer.ts";
import type { ConfigProblem } from "./layer-findings.ts";
import { mcpServerConflicts } from "./mcp-server-config.ts";
import type { Merged } from "./merge.ts";
import { networkConflicts } from "./network-config.ts";
import { AUTO_EFFORT, normaliseConfig } from "./normalise.ts";
import { profileWarnings } from "./permission-profile.ts";
import { providerConflicts } from "./provider-config.ts";
import type { QuireConfig } from "./quire-config.ts";
import type { ConfigFile } from "./schema/config-file.ts";
import { type ConfigWarning, configWarning } from "./warning.ts";

export interface FinishedConfig {
  config: QuireConfig;
  effective: ConfigFile;
  problems: ConfigProblem[];
  warnings: ConfigWarning[];
}

/**
 * Checks what only the joined layers can show, and normalises them. Takes layers that have passed `checkLayer`.
 * `usersModeIsSet`: some layer that is not a project's sets a sandbox mode.
 */
export function finishConfig(merged: Merged, usersModeIsSet: boolean): FinishedConfig {
  // Every leaf has been parsed against ConfigFileSchema in its own layer, and joining moves leaves without changing
  // them. Parsing the whole once more would cost 2 ms of each start.
  const effective = merged.table as ConfigFile;
  const conflicts = [
    ...providerConflicts(effective),
    ...mcpServerConflicts(effective),
    ...networkConflicts(effective),
  ];
  return {
    config: normaliseConfig(effective, modeSetBy(merged, usersModeIsSet)),
    effective,
    problems: conflicts.map(({ path, problem }) => problemAt(merged, path, problem)),
    warnings: [
      ...effortWarnings(merged, effective),
      ...profileWarnings(effective).map(({ key, message }) =>
        configWarning("value_unknown", message, { file: originOf(merged, [key])?.file ?? null, key }),
      ),
    ],
  };
}

function modeSetBy(merged: Merged, usersModeIsSet: boolean): "project" | "user" | null {
  if (usersModeIsSet) return "user";
  return originOf(merged, ["sandbox_mode"])?.layer === "project" ? "project" : null;
}

function problemAt(merged: Merged, path: readonly string[], problem: string): ConfigProblem {
  const origin = originOf(merged, path);
  const place = origin?.file ?? (origin?.layer === "override" ? "-c" : "command line");
  return { kind: "invalid", message: `${place}: ${formatKeyPath(path)} ${problem}.` };
}

/** Where the key was set, or something below it, or around it. */
function originOf(merged: Merged, path: readonly string[]): ConfigOrigin | null {
  const key = formatKeyPath(path);
  for (const [leaf, origin] of merged.origins) {
    if (leaf === key || leaf.startsWith(`${key}.`)) return origin;
  }
  return path.length > 1 ? originOf(merged, path.slice(0, -1)) : null;
}

function effortWarnings(merged: Merged, effective: ConfigFile): ConfigWarning[] {
  return (["model_reasoning_effort", "plan_mode_reasoning_effort"] as const).flatMap((key) => {
    const word = effective[key];
    if (word === undefined || KNOWN_EFFORTS.some((known) => known === word)) return [];
    if (word === AUTO_EFFORT && key === "model_reasoning_effort") return [];
    const then = effortOf(word) === null ? "the model's own default is used" : "it is sent as it is";
    const message = `${key} is "${word}", which is no effort that is known here (${KNOWN_EFFORTS.join(", ")}); ${then}.`;
    return [configWarning("value_unknown", message, { file: originOf(merged, [key])?.file ?? null, key })];
  });
}
