import { describeContext, findLastThread } from "@quire/core";
import { textMessage } from "@quire/protocol";
import { type ExecArguments, parseExecArguments } from "../exec/exec-arguments.ts";
import { EXIT } from "../exit-code.ts";
import type { ThreadTarget } from "../session/session-request.ts";
import type { System } from "../system.ts";
import { dryRun } from "./dry-run.ts";

/** Prints the first request of a run, its input, or what it consists of, as JSON. */
export async function printPromptInput(argv: readonly string[], system: System): Promise<number> {
  const args = parseExecArguments(argv.filter((word) => word !== "--request" && word !== "--pieces"));
  const { request, facts } = await dryRun(args, system, ({ home, cwd }) => targetOf(args.action, home, cwd));
  const shown = argv.includes("--pieces")
    ? describeContext(request, facts)
    : argv.includes("--request")
      ? request
      : [textMessage("developer", request.instructions), ...request.input];
  system.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  return EXIT.done;
}

/** A thread is looked at through a copy that is thrown away, so that its log stays as it is. */
function targetOf(action: ExecArguments["action"], home: string, cwd: string): ThreadTarget {
  if (action.kind === "review") return { kind: "start" };
  if (action.kind !== "resume") return action;
  const thread = action.thread ?? findLastThread(home, action.all ? null : cwd).id;
  return { kind: "fork", thread };
}
