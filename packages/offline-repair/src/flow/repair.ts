import type { Candidate } from "../candidates.ts";
import { chooseTestCommands, namedButMissing, whyNoCommand } from "./choose-tests.ts";
import { inspectCommand, parseInspection } from "./inspection.ts";
import { localise, suspectUnits } from "./localise.ts";
import { patchFor, reversePatchFor } from "./patch-text.ts";
import {
  ABILITIES,
  brief,
  diffOf,
  faultOf,
  notRepairedText,
  placeOf,
  repairedText,
  testLines,
  verdictOf,
} from "./report.ts";
import { missingRunner, passesNow, type Run, runTests } from "./run-tests.ts";
import { search } from "./search.ts";
import type { Answer, Flow } from "./step.ts";
import { saysStop } from "./task.ts";
import type { TestCommand } from "./test-command.ts";
import { STOPPED, Turn, untilStopped } from "./turn.ts";

/** What a turn may use. */
export interface RepairSettings {
  /** Bounds everything that runs before the edit; the user's words may change it. */
  seconds: number;
  /** Whether an `update_plan` tool is offered. */
  canPlan: boolean;
}

/** One turn: from the user's words to a verified edit or an honest account of why there is none. */
export function* repair(text: string, { seconds, canPlan }: RepairSettings): Flow<Answer> {
  const turn = new Turn(text, seconds);
  if (saysStop(text)) return STOPPED;
  if (!turn.task.inScope) return declined(`this is not work that I can do. ${ABILITIES}`);
  return yield* untilStopped(work(turn, canPlan));
}

function declined(text: string): Answer {
  return { kind: "declined", text };
}

function notRepaired(text: string): Answer {
  return { kind: "not-repaired", text };
}

function* work(turn: Turn, canPlan: boolean): Flow<Answer> {
  const look = yield* turn.run(inspectCommand(turn.task.mentioned), 20_000, {
    say: "The offline repair engine works on this; it is a search program, not a language model. First I look at what is here and run the tests.",
    plan: 0,
  });
  if (look.refused) return declined(`I could not look at the workspace: ${brief(look.output, 300)}`);
  turn.inspection = parseInspection(look.output);
  const commands = chooseTestCommands(turn.inspection, turn.task);
  if (commands.length === 0) return declined(`${whyNoCommand(turn.inspection)}. ${ABILITIES}`);
  const before = yield* runUntilFailing(commands, turn);
  if (before === null) return declined(`the test command was refused, so I cannot work here. ${ABILITIES}`);
  const { kind, text } = yield* afterFirstRun(before, turn);
  if (kind === "repaired" && canPlan) yield { plan: 5 };
  const missing = namedButMissing(turn.inspection, turn.task);
  const note = missing.length === 0 ? "" : `\nNot found here, though you name it: ${missing.join(", ")}.`;
  return { kind, text: text.replace(/$/m, () => note) };
}

/** Runs the commands in turn and stops at the first whose tests fail. */
function* runUntilFailing(commands: readonly TestCommand[], turn: Turn): Flow<Run | null> {
  let last: Run | null = null;
  for (const command of commands.slice(0, 3)) {
    const run = yield* runTests(command, turn, { say: `I run the tests: \`${brief(command.shown)}\`` });
    if (run.refused) continue;
    last = run;
    if (run.exitCode !== 0) break;
  }
  return last;
}

function* afterFirstRun(before: Run, turn: Turn): Flow<Answer> {
  const command = `Command: \`${brief(before.command.shown)}\``;
  if (before.exitCode === 0)
    return {
      kind: "already-green",
      text: `the tests ${verdictOf(before)}. ${command}. No file was changed.`,
    };
  const missing = missingRunner(before);
  if (missing !== null)
    return declined(
      `the tests cannot run: ${missing}. ${command}. No file was changed. Next: mend that, or name another test command in backticks.`,
    );
  const located = yield* localise(before, turn, {
    say: `The tests ${verdictOf(before)}. Now I measure which lines the failing tests run.`,
    plan: 1,
  });
  if (typeof located === "string")
    return notRepaired(
      `I could not find out which lines the failing tests run (${brief(located, 300)}). No file was changed.`,
    );
  const suspects = suspectUnits(located, turn.task);
  const paths = [...new Set(suspects.map(({ unit }) => unit.path))];
  if (paths.length === 0)
    return notRepaired(
      `the failing tests run no Python, JavaScript or TypeScript source that I may edit. No file was changed. ${ABILITIES}`,
    );
  const how =
    located.how === "coverage" ? "coverage of failing against passing runs" : "stack traces and names";
  const more = paths.length > 3 ? ` and ${paths.length - 3} more files` : "";
  const result = yield* search(suspects, before, turn, {
    say: `By ${how} the suspicious lines are in ${paths.slice(0, 3).join(", ")}${more}. I try small edits in a copy of the worktree.`,
    plan: 2,
  });
  const [chosen] = result.passing;
  if (chosen === undefined) return notRepaired(notRepairedText(result, before));
  const after = yield* applyAndVerify(chosen, before, turn);
  if (typeof after === "string") return notRepaired(after);
  return { kind: "repaired", text: repairedText(result, located, before, after) };
}

/** Makes an edit and takes it back if the tests fail with it here; a string says why it could not stay. */
function* applyAndVerify(edit: Candidate, before: Run, turn: Turn): Flow<Run | string> {
  const place = placeOf(edit);
  const refusal = yield* turn.apply(patchFor(edit.unit, edit), {
    say: `An edit (template "${edit.template}") makes the failing tests pass, at ${place}. I apply it.`,
    plan: 3,
  });
  if (refusal !== null)
    return `this edit makes the tests pass in a copy, but it could not be made here. At ${place}: ${faultOf(edit)}.\n${diffOf(edit)}\nNo file was changed: ${brief(refusal, 300)}`;
  const after = yield* runTests(before.command, turn, {
    say: "The edit is in place. I run the whole test command again.",
    plan: 4,
  });
  if (passesNow(after, before)) return after;
  const stuck = yield* turn.apply(reversePatchFor(edit.unit, edit), {
    say: "The tests still fail with the edit in the real workspace, so I take it back.",
  });
  const state = stuck === null ? "was taken back" : "COULD NOT BE TAKEN BACK";
  return `an edit at ${place} passed in the copy but not in the workspace and ${state}.\n${diffOf(edit)}\nWith it: ${testLines(after).join("\n")}`;
}
