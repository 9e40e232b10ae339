import { parseExecArguments } from "../exec/exec-arguments.ts";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";

/** `quire exec`: one task without questions. */
export async function runExec(argv: readonly string[], system: System): Promise<number> {
  const args = parseExecArguments(argv);
  if (args.help) {
    const { EXEC_HELP, REVIEW_HELP } = await import("../exec/help-text.ts");
    system.stdout.write(args.action.kind === "review" ? REVIEW_HELP : EXEC_HELP);
    return EXIT.done;
  }
  const { execute } = await import("../exec/run-exec.ts");
  return execute(args, system);
}
