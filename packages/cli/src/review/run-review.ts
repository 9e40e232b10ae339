import type { LoadedConfig } from "@quire/config";
import { CodedError, type ExecEvent, jsonLine, type ThreadEvent } from "@quire/protocol";
import { announce } from "../exec/announce.ts";
import { conclude } from "../exec/conclude.ts";
import type { ExecArguments, ReviewTarget } from "../exec/exec-arguments.ts";
import { refuseUnpricedLimit } from "../exec/limit-check.ts";
import { prepareRun, type Run } from "../exec/prepare-run.ts";
import { readPrompt } from "../exec/prompt.ts";
import { runToEnd } from "../exec/run-to-end.ts";
import { EXIT } from "../exit-code.ts";
import { openSession } from "../session/open-session.ts";
import type { System } from "../system.ts";
import { answerText } from "../terminal/answer-text.ts";
import { changedRanges } from "./changed-ranges.ts";
import { type ReviewedChanges, type ReviewResult, readFindings } from "./findings.ts";
import { gatherDiff, type ReviewSubject } from "./gather-diff.ts";
import { openRepository } from "./open-repository.ts";
import { renderReview } from "./render-review.ts";
import { REVIEW_INSTRUCTIONS, reviewRequest } from "./rubric.ts";

export type ReviewArguments = ExecArguments & {
  action: { kind: "review"; target: ReviewTarget; title: string | null };
};

/** Tools that change something, or that a review has no use for. */
const TOOLS_OF_AUTHORS = ["apply_patch", "update_plan"];

/** One review in a read-only turn of its own, from arguments to exit code. */
export async function executeReview(args: ReviewArguments, system: System): Promise<number> {
  if (args.outputSchemaFile !== null) {
    throw new CodedError(
      "usage_invalid",
      "--output-schema does not go with a review, which has its own form",
    );
  }
  const run = asReviewer(await prepareRun({ ...args, sandbox: "read-only" }, system));
  const { subject, root } = await lookAt(args, run);
  // Only `-` reads stdin: a review without words is complete.
  const wishes =
    args.prompt === "-" ? await readPrompt({ argument: "-", optional: false }, system) : args.prompt;
  if (subject.patch === "" && subject.leftOut.length === 0 && wishes === null) {
    return nothingToReview(run, subject);
  }
  refuseUnpricedLimit(run);
  const session = await openSession({
    system,
    home: run.home,
    loaded: run.loaded,
    workspace: run.workspace,
    target: { kind: "start" },
    ephemeral: args.ephemeral,
    ignoreRules: args.ignoreRules,
    source: "review",
    approvalPolicy: "never",
    approver: null,
    clientTools: [],
    withoutTools: TOOLS_OF_AUTHORS,
    withoutMcp: true,
  });
  try {
    announce(run, session);
    const words = reviewWords({ root, ranges: subject.patch === "" ? null : changedRanges(subject.patch) });
    const { turn, items } = await runToEnd(run, session, {
      input: [
        { type: "text", text: reviewRequest({ subject, root, title: args.action.title, wishes }) },
        ...args.images.map((path) => ({ type: "localImage" as const, path })),
      ],
      rewrite: words.rewrite,
      extraLines: words.extraLines,
    });
    const finalText = words.prose() ?? turn.finalText;
    return await conclude(run, session, { turn: { ...turn, finalText }, items });
  } finally {
    await session.close();
  }
}

async function lookAt(args: ReviewArguments, run: Run): Promise<{ subject: ReviewSubject; root: string }> {
  const git = await openRepository(run.workspace, run.system, run.home);
  try {
    return { subject: await gatherDiff(git, args.action.target), root: git.root };
  } finally {
    git.close();
  }
}

/** The same run with the reviewer's instructions and, where one is configured, the reviewer's model. */
function asReviewer(run: Run): Run {
  const { config } = run.loaded;
  const model = run.args.model === null ? (config.reviewModel ?? config.model) : config.model;
  const instructions = REVIEW_INSTRUCTIONS;
  const loaded: LoadedConfig = {
    ...run.loaded,
    config: { ...config, model, instructions, modelInstructionsFile: null },
  };
  return { ...run, loaded, workspace: { ...run.workspace, sandboxMode: "read-only" } };
}

function nothingToReview(run: Run, subject: ReviewSubject): number {
  const text = `There is nothing to review: ${subject.description} are empty.`;
  if (run.args.json) writeLine(run.system, reviewLine(emptyReview(text)));
  else run.system.stdout.write(answerText(text, run.system.stdout));
  return EXIT.done;
}

/** Puts the reviewer's last message, which is JSON, into words for every reader, and into an item for programs. */
function reviewWords(changes: ReviewedChanges) {
  let held: ThreadEvent | null = null;
  let result: ReviewResult | null = null;
  let prose: string | null = null;

  function release(): ThreadEvent[] {
    const events = held === null ? [] : [held];
    held = null;
    return events;
  }

  function inWords(event: ThreadEvent | null): ThreadEvent[] {
    if (event?.method !== "item/completed" || event.params.item.type !== "agentMessage") return [];
    const { item } = event.params;
    result = readFindings(item.text, changes);
    prose = result === null ? item.text : renderReview(result);
    return [{ ...event, params: { ...event.params, item: { ...item, text: prose } } }];
  }

  return {
    prose: () => prose,
    rewrite(event: ThreadEvent): ThreadEvent[] {
      if (event.method === "item/completed" && event.params.item.type === "agentMessage") {
        const before = release();
        held = event;
        return before;
      }
      if (event.method === "turn/completed") {
        const last = held;
        held = null;
        return [...inWords(last), event];
      }
      return event.method.startsWith("item/") ? [...release(), event] : [event];
    },
    extraLines(event: ThreadEvent): ExecEvent[] {
      if (event.method !== "turn/completed" || prose === null) return [];
      return [result === null ? notStructured() : reviewLine(result)];
    },
  };
}

function reviewLine(review: ReviewResult): ExecEvent {
  const { findings, dropped } = review;
  return {
    type: "item.completed",
    item: { id: "review", type: "review", ...review, findings: [...findings], dropped: [...dropped] },
  };
}

function notStructured(): ExecEvent {
  const message = "the reviewer did not answer in the form it was asked for; its words are shown as they are";
  return {
    type: "item.completed",
    item: { id: "review", type: "error", message, code: "review_unstructured" },
  };
}

function emptyReview(text: string): ReviewResult {
  return {
    findings: [],
    dropped: [],
    overall_correctness: null,
    overall_explanation: text,
    overall_confidence_score: null,
  };
}

function writeLine(system: System, line: ExecEvent): void {
  system.stdout.write(`${jsonLine(line)}\n`);
}
