import fs from "node:fs";
import type { ThreadItem, Turn } from "@quire/protocol";
import { EXIT, exitCodeOf } from "../exit-code.ts";
import { OFFLINE_MODEL } from "../session/model-choice.ts";
import type { Session } from "../session/open-session.ts";
import { answerText } from "../terminal/answer-text.ts";
import { errorText } from "../terminal/error-text.ts";
import { isJsonObject } from "./output-schema.ts";
import type { Run } from "./prepare-run.ts";
import { summaryText } from "./summary.ts";

/** The end of a run: summary and error on stderr, the answer on stdout and in the file; returns the exit code. */
export async function conclude(
  run: Run,
  session: Session,
  { turn, items }: { turn: Turn; items: ThreadItem[] },
): Promise<number> {
  const { args, system, style } = run;
  const { thread } = session;
  if (!args.json) {
    system.stderr.write(
      summaryText(
        {
          turn,
          items,
          threadId: thread.id,
          rolloutPath: thread.rolloutPath,
          threadUsage: thread.usage,
          threadCost: thread.cost,
        },
        style,
      ),
    );
  }
  if (turn.error !== null) {
    if (!args.json) system.stderr.write(errorText(turn.error, style));
    return exitCodeOf(turn.error);
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
    return EXIT.failed;
  }
  return (await declined(session, answer)) ? EXIT.declined : EXIT.done;
}

async function declined(session: Session, answer: string): Promise<boolean> {
  if (session.settings.model !== OFFLINE_MODEL) return false;
  const { isDeclined } = await import("@quire/offline-repair");
  return isDeclined(answer);
}
