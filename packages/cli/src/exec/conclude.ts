import fs from "node:fs";
import { type ErrorInfo, type ExecEvent, groupedDigits, jsonLine, type ThreadGoal } from "@quire/protocol";
import type { ThreadStartResponse } from "@quire/protocol/app-server";
import { EXIT, exitCodeOf } from "../exit-code.ts";
import { OFFLINE_MODEL } from "../session/model/model-choice.ts";
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
  const error = errorOfTurn(turn) ?? errorOfGoal(ended.goal);
  if (!args.json) system.stderr.write(summaryText(ended, opened.thread, style));
  if (error !== null) {
    if (!args.json) system.stderr.write(errorText(error, style));
    // The turn ended well, so its end does not tell.
    else if (errorOfTurn(turn) === null) {
      const line: ExecEvent = { type: "error", message: error.message, error, will_retry: false };
      system.stdout.write(`${jsonLine(line)}\n`);
    }
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

/** A goal that is not reached is no success, however well its last turn ended. */
function errorOfGoal(goal: ThreadGoal | null): ErrorInfo | null {
  if (goal === null || goal.status === "complete") return null;
  const { status, tokenBudget, tokensUsed, reason } = goal;
  if (status === "budgetLimited") {
    const allowed = tokenBudget ?? 0;
    return {
      code: "budget_exceeded",
      message: `the goal is not reached, and its ${groupedDigits(allowed)} tokens are used up (${groupedDigits(tokensUsed)})`,
      retryable: false,
      next_step: "Give it more: quire exec resume --last --goal-budget TOKENS",
      budget: { limit: "tokens", allowed, used: tokensUsed, scope: "thread" },
    };
  }
  const why = reason == null ? "" : `: ${reason}`;
  return {
    code: "task_declined",
    message: `the goal is ${status}${why}`,
    retryable: false,
    next_step: 'Say what is missing and go on: quire exec resume --last --goal-budget TOKENS "…"',
  };
}

async function declined(model: string, answer: string): Promise<boolean> {
  if (model !== OFFLINE_MODEL) return false;
  const { isDeclined } = await import("@quire/offline-repair");
  return isDeclined(answer);
}
