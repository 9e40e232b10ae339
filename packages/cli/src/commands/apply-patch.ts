import { createPathGuard, runApplyPatchCli } from "@quire/apply-patch";
import type { System } from "../system.ts";

/**
 * `quire apply-patch`: the patch format on its own, for scripts. The caller's rights are the only limit, as they are for
 * `patch` and `git apply`.
 */
export function runApplyPatch(argv: readonly string[], system: System): Promise<number> {
  return runApplyPatchCli({
    argv,
    stdin: system.stdin,
    stdout: system.stdout,
    stderr: system.stderr,
    cwd: system.cwd,
    guard: createPathGuard({ root: "/", protectedNames: [] }),
  });
}
