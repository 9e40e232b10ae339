import path from "node:path";
import { CodedError, type UserInput } from "@quire/protocol";
import { toolsSwitchedOff } from "../session/features.ts";
import { openSession } from "../session/open-session.ts";
import type { System } from "../system.ts";
import { announce } from "./announce.ts";
import { conclude } from "./conclude.ts";
import type { ExecArguments } from "./exec-arguments.ts";
import { refuseUnpricedLimit } from "./limit-check.ts";
import { readOutputSchema } from "./output-schema.ts";
import { prepareRun } from "./prepare-run.ts";
import { readPrompt } from "./prompt.ts";
import { runToEnd } from "./run-to-end.ts";

/** One headless run, from arguments to exit code. */
export async function execute(args: ExecArguments, system: System): Promise<number> {
  const { action } = args;
  if (action.kind === "review") {
    const { executeReview } = await import("../review/run-review.ts");
    return executeReview({ ...args, action }, system);
  }
  const run = await prepareRun(args, system);
  const prompt = await readPrompt({ argument: args.prompt, optional: action.kind === "resume" }, system);
  const outputSchema = args.outputSchemaFile === null ? undefined : readOutputSchema(args.outputSchemaFile);
  refuseUnpricedLimit(run);
  const session = await openSession({
    system,
    home: run.home,
    loaded: run.loaded,
    workspace: run.workspace,
    target: action,
    ephemeral: args.ephemeral,
    ignoreRules: args.ignoreRules,
    source: "exec",
    approvalPolicy: "never",
    approver: null,
    clientTools: [],
    withoutTools: toolsSwitchedOff(run.loaded.config),
  });
  try {
    if (prompt === null && !session.unfinished) {
      throw new CodedError(
        "prompt_empty",
        "the last turn of this thread is complete, so there is nothing to go on with",
        {
          nextStep: 'Say what to do next: quire exec resume --last "…"',
        },
      );
    }
    announce(run, session);
    const ended = await runToEnd(run, session, {
      input: inputOf(prompt, args, system.cwd),
      ...(outputSchema === undefined ? {} : { outputSchema }),
    });
    return conclude(run, session, ended);
  } finally {
    await session.close();
  }
}

function inputOf(prompt: string | null, args: ExecArguments, base: string): UserInput[] {
  const input: UserInput[] = prompt === null ? [] : [{ type: "text", text: prompt }];
  for (const image of args.images) input.push({ type: "localImage", path: path.resolve(base, image) });
  return input;
}
