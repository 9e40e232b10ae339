import type { System } from "../system.ts";
import { runExec } from "./exec.ts";

/** `quire review`: the same as `quire exec review`. */
export async function runReview(argv: readonly string[], system: System): Promise<number> {
  return runExec(["review", ...argv], system);
}
