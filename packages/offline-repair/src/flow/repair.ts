import { describeReport, type TestReport } from "@quire/test-report";
import { INSPECT_COMMAND, type Inspection, parseInspection } from "./inspection.ts";
import { localise, suspectUnits } from "./localise.ts";
import { patchFor, reversePatchFor } from "./patch-text.ts";
import { planAt } from "./plan.ts";
import { ABILITIES, placeOf, repairedText, shortCommand, showEdit, triedWords } from "./report.ts";
import { runCommand } from "./run-command.ts";
import { missingRunner, type Run, runTests } from "./run-tests.ts";
import { type FoundEdit, type SearchResult, search } from "./search.ts";
import type { Answer, AnswerKind, Flow } from "./step.ts";
import { chooseTestCommands, type TestCommand, whyNoCommand } from "./test-command.ts";
import { type RepairSettings, Turn } from "./turn.ts";

const STOPPED: Answer = { kind: "stopped", text: "as you asked. No file was changed." };

function answer(kind: AnswerKind, text: string): Answer {
  return { kind, text };
}

/** One turn: from the user's words to a verified edit or an honest account of why there is none. */
export function* repair(text: string, settings: RepairSettings): Flow<Answer> {
  const turn = new Turn(text, settings);
  if (turn.stopped) return STOPPED;
  if (!turn.task.inScope) return answer("declined", `this is not work that I can do. ${ABILITIES}`);
  const look = yield* runCommand(INSPECT_COMMAND, 12_000, {
    say: "The offline repair engine works on this; it is a search program, not a language model. First I look at what is here and run the tests.",
    plan: planAt(0),
  });
  turn.budget.spend(look.wallSeconds);
  turn.hear(look.steering);
  if (turn.stopped) return STOPPED;
  if (look.refused) return answer("declined", `I could not look at the workspace: ${brief(look.output)}`);
  const inspection = parseInspection(look.output);
  const commands = chooseTestCommands(inspection, turn.task);
  if (commands.length === 0) return answer("declined", `${whyNoCommand(inspection)}. ${ABILITIES}`);
  const before = yield* runUntilFailing(commands, inspection, turn);
  if (turn.stopped) return STOPPED;
  if (before === null)
    return answer("declined", `the test command was refused, so I cannot work here. ${ABILITIES}`);
  if (before.exitCode === 0) return greenAnswer(before);
  const missing = missingRunner(before);
  if (missing !== null) return answer("declined", `${missing} Nothing was changed.`);
  return yield* repairFailure(before, inspection, turn);
}

function brief(output: string): string {
  return output.trim().slice(0, 300);
}

function greenAnswer({ command, report }: Run): Answer {
  const counts = report.passed === null ? "" : ` (${describeReport(report)})`;
  return answer(
    "already-green",
    `all tests pass with \`${shortCommand(command.shown)}\`${counts}. No file was changed.`,
  );
}

/** Runs the commands in turn and stops at the first whose tests fail. */
function* runUntilFailing(
  commands: readonly TestCommand[],
  inspection: Inspection,
  turn: Turn,
): Flow<Run | null> {
  let last: Run | null = null;
  for (const command of commands.slice(0, 3)) {
    const say = `I run the tests, as ${command.origin} says: \`${shortCommand(command.shown)}\``;
    const run = yield* runTests(command, inspection, turn, { say });
    if (run.refused) continue;
    last = run;
    if (turn.stopped || run.exitCode !== 0) break;
  }
  return last;
}

function* repairFailure(before: Run, inspection: Inspection, turn: Turn): Flow<Answer> {
  const { command, report } = before;
  const hung = before.hung ? `${HUNG} ` : "";
  const spot = yield* localise(
    { inspection, command, report, budget: turn.budget, task: turn.task },
    {
      say: `${hung}The tests fail: ${describeReport(report)}. Now I measure which lines the failing tests run.`,
      plan: planAt(1),
    },
  );
  if (typeof spot === "string")
    return answer(
      "not-repaired",
      `I could not find out which lines the failing tests run (${spot}). No file was changed.`,
    );
  turn.hear(spot.steering);
  if (turn.stopped) return STOPPED;
  const suspects = suspectUnits(spot.located, turn.task);
  if (suspects.length === 0)
    return answer(
      "not-repaired",
      `the failing tests run no Python, JavaScript or TypeScript source that I may edit. No file was changed. ${ABILITIES}`,
    );
  const names = [...new Set(suspects.map(({ unit }) => unit.path))];
  const result = yield* search(
    {
      suspects,
      command,
      budget: turn.budget,
      testSeconds: before.hung ? null : before.wallSeconds,
    },
    {
      think: `Suspicious by ${HOW[spot.located.how]}: ${names.slice(0, 5).join(", ")}.`,
      say: `The suspicious lines are in ${listed(names)}. I try small edits in a copy of the worktree.`,
      plan: planAt(2),
    },
  );
  turn.hear(result.steering);
  if (turn.stopped) return STOPPED;
  if (result.found === null) return nothingFound(result, before, spot.located.hung);
  return yield* applyAndVerify({ found: result.found, result, before, inspection, turn });
}

const HUNG = "The tests did not end in time and were stopped.";

const HOW = {
  coverage: "coverage of failing against passing runs (Ochiai)",
  trace: "stack traces and names",
} as const;

function listed(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${names.length - 3} more files` : "";
  return names.slice(0, 3).join(", ") + more;
}

function nothingFound(result: SearchResult, before: Run, hung: readonly string[]): Answer {
  const why = result.problem === null ? "" : ` The search ended because ${result.problem}.`;
  const stuck = hung.length > 0 ? ` Tests that ran too long and were stopped: ${hung.length}.` : "";
  const doubt = result.contradicting;
  return answer(
    "not-repaired",
    [
      doubt === null
        ? `no small edit makes the failing tests pass (${triedWords(result)}).${why}${stuck}`
        : `the only edits that make the failing tests pass contradict an example in the source (${triedWords(result)}). One of them, at ${placeOf(doubt)}:\n\`\`\`diff\n${showEdit(doubt)}\n\`\`\``,
      `${before.hung ? HUNG : `Tests: ${describeReport(before.report)}.`} No file was changed.`,
      `The fault may need more than one small edit. ${ABILITIES}`,
    ].join("\n"),
  );
}

interface Found {
  found: FoundEdit;
  result: SearchResult;
  before: Run;
  inspection: Inspection;
  turn: Turn;
}

function* applyAndVerify({ found, result, before, inspection, turn }: Found): Flow<Answer> {
  const { chosen, rank } = found;
  const place = placeOf(chosen);
  const applied = yield {
    say: `One edit makes the failing tests pass: ${place}. I apply it.`,
    think: `Template "${chosen.template}", candidate ${rank} of ${result.candidates}: ${chosen.why}.`,
    plan: planAt(3),
    call: { kind: "patch", patch: patchFor(chosen.unit, chosen) },
  };
  if (!patchApplied(applied.output))
    return answer(
      "not-repaired",
      `an edit was found but not applied (${brief(applied.output)}). The edit, at ${place}:\n\`\`\`diff\n${showEdit(chosen)}\n\`\`\``,
    );
  const after = yield* runTests(before.command, inspection, turn, {
    say: "The edit is in place. I run the whole test command again.",
    plan: planAt(4),
  });
  if (after.exitCode === 0 || noTestFails(before.report, after.report)) {
    if (turn.canPlan) yield { call: { kind: "plan", plan: planAt(5) } };
    return answer("repaired", repairedText({ found, result, before, after }));
  }
  const undone = yield {
    say: "The tests still fail with the edit in the real workspace, so I take it back.",
    call: { kind: "patch", patch: reversePatchFor(chosen.unit, chosen) },
  };
  const state = patchApplied(undone.output) ? "was taken back" : "COULD NOT BE TAKEN BACK";
  return answer(
    "not-repaired",
    `an edit at ${place} passed in the copy but not in the workspace and ${state}. Tests: ${describeReport(after.report)}.`,
  );
}

/** A patch tool says that it succeeded; everything that reports a failure counts as not applied. */
function patchApplied(output: string): boolean {
  const head = output.split("\n").slice(0, 4).join("\n");
  const failed = /\b(failed|error|denied|declined|rejected|refused|not applied)\b/i.test(head);
  return !failed && /success|done|exited with code 0/i.test(output);
}

/** Linters around the tests may fail on their own: what counts is that no test fails any more. */
function noTestFails(before: TestReport, after: TestReport): boolean {
  return (before.failed ?? 0) > 0 && after.failed === 0 && (after.passed ?? 0) > 0;
}
