import { parse } from "yaml";

/**
 * Reads YAML text; throws with a message of one line. A module of its own, because it is only loaded where there is
 * something to parse.
 */
export function readYaml(text: string): unknown {
  return parse(text, { maxAliasCount: 20, prettyErrors: false, logLevel: "error" });
}
