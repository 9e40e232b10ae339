import type { ConfigAccess } from "../engine.ts";
import type { Handlers } from "./handlers.ts";

/** The configuration, with the place each value comes from. */
export function configMethods(
  config: ConfigAccess,
): Handlers<"config/read" | "config/value/write" | "config/batchWrite"> {
  return {
    "config/read": ({ cwd, includeLayers }) =>
      config.read({ cwd: cwd ?? null, includeLayers: includeLayers ?? false }),
    "config/value/write": ({ keyPath, value, mergeStrategy, ...file }) =>
      config.write({ edits: [{ keyPath, value, mergeStrategy }], ...file }),
    "config/batchWrite": (params) => config.write(params),
  };
}
