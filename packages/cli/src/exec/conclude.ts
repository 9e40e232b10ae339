import fs from "node:fs";
import type { ThreadStartResponse } from "@quire/protocol/app-server";
import { EXIT, exitCodeOf } from "../exit-code.ts";
import { OFFLINE_MODEL } from "../session/model-choice.ts";
import { answerText } from "../terminal/answer-text.ts";
import { errorText } from "../terminal/error-text.ts";
import { isJsonObject } from "./output-schema.ts";
import type { Run } from "./run-exec.ts";
import type { RunEnd } from "./run-to-end.ts";
import { summaryText } from "./summary.ts";
import { errorOfTurn } from "./wire-turn.ts";

/** The end of a run: summary and error on stderr, the answer on stdout and in the file; returns the exit code. */
export async function conclude(
  { args, system, style }: Run,
  opened: ThreadStartResponse,
  ended: RunEnd,
): Promise<number> {
  const { turn } = ended;
  const error = errorOfTurn(turn);
  if (!args.json) system.stderr.write(summaryText(ended, opened.thread, style));
  if (error !== null) {
    if (!args.json) system.stderr.write(errorText(error, style));
    return exitCodeOf(error);
  }
  const answer = turn.finalText ?? "";
  if (args.lastMessageFile !== null) fs.writeFileSync(args.lastMessageFile, answer);
  if (!args.json) system.stdout.write(answerText(answer, system.stdout));
  if (args.outputSchemaFile !== null && !isJsonObject(answer)) {
    system.stderr.write(
      errorText(
        {
          code: "output_schema_mismatch",
          message: "the final answer is not the JSON object that the schema asks for",
          retryable: true,
        },
        style,
      ),
    );
    // For the SDK a run has failed when its turn has; it hands the answer to its user as it is.
    return args.forSdk ? EXIT.done : EXIT.failed;
  }
  return (await declined(opened.model, answer)) ? EXIT.declined : EXIT.done;
}

async function declined(model: string, answer: string): Promise<boolean> {
  if (model !== OFFLINE_MODEL) return false;
  const { isDeclined } = await import("@quire/offline-repair");
  return isDeclined(answer);
}
