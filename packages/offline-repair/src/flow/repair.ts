import { chooseTestCommands, whyNoCommand } from "./choose-tests.ts";
import { type Inspection, inspectCommand, MOST_FILES, parseInspection } from "./inspection.ts";
import { localise, suspectUnits } from "./localise.ts";
import { patchFor, reversePatchFor } from "./patch-text.ts";
import {
  ABILITIES,
  brief,
  countsOf,
  diffOf,
  faultOf,
  notRepairedText,
  placeOf,
  repairedText,
} from "./report.ts";
import { missingRunner, passesNow, type Run, runTests } from "./run-tests.ts";
import { search } from "./search.ts";
import type { Answer, Flow } from "./step.ts";
import { names, saysStop } from "./task.ts";
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
  const inspection = parseInspection(look.output);
  const commands = chooseTestCommands(inspection, turn.task);
  if (commands.length === 0) return declined(`${whyNoCommand(inspection)}. ${ABILITIES}`);
  const before = yield* runUntilFailing(commands, inspection, turn);
  if (before === null) return declined(`the test command was refused, so I cannot work here. ${ABILITIES}`);
  const { kind, text } = yield* afterFirstRun(before, inspection, turn);
  if (kind === "repaired" && canPlan) yield { plan: 5 };
  return { kind, text: withNote(text, namedButMissing(inspection, turn)) };
}

/** Runs the commands in turn and stops at the first whose tests fail. */
function* runUntilFailing(
  commands: readonly TestCommand[],
  inspection: Inspection,
  turn: Turn,
): Flow<Run | null> {
  let last: Run | null = null;
  for (const command of commands.slice(0, 3)) {
    const say = `I run the tests: \`${brief(command.shown)}\``;
    const run = yield* runTests(command, inspection, turn, { say });
    if (run.refused) continue;
    last = run;
    if (run.exitCode !== 0) break;
  }
  return last;
}

/** Files that the task names and that are not here; the listing may be too short to know. */
function namedButMissing({ sources, tests }: Inspection, { task }: Turn): string {
  const listed = [...sources, ...tests];
  const missing = task.mentioned.filter(
    (path) => /\/.*\.\w+$|\.py$/.test(path) && !listed.some((file) => names(path, file)),
  );
  return listed.length < MOST_FILES && missing.length > 0
    ? `Not found here, though you name it: ${missing.join(", ")}.`
    : "";
}

function withNote(text: string, note: string): string {
  if (note === "") return text;
  const [first, ...rest] = text.split("\n");
  return [first, note, ...rest].join("\n");
}

function* afterFirstRun(before: Run, inspection: Inspection, turn: Turn): Flow<Answer> {
  const command = brief(before.command.shown);
  if (before.exitCode === 0) {
    const text = `the tests pass: ${countsOf(before)}. Command: \`${command}\`. No file was changed.`;
    return { kind: "already-green", text };
  }
  const missing = missingRunner(before);
  if (missing !== null)
    return declined(
      `the tests cannot run: ${missing}. No file was changed. Next: put it right, or name another test command in backticks. Command: \`${command}\``,
    );
  const located = yield* localise(before, inspection.sources, turn, {
    say: `The tests: ${countsOf(before)}. Now I measure which lines the failing tests run.`,
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
  const more = paths.length > 3 ? ` and ${paths.length - 3} more files` : "";
  const result = yield* search(suspects, before, turn, {
    say: `By ${located.how === "coverage" ? "coverage of failing against passing runs" : "stack traces and names"} the suspicious lines are in ${paths.slice(0, 3).join(", ")}${more}. I try small edits in a copy of the worktree.`,
    plan: 2,
  });
  const [chosen] = result.passing;
  if (chosen === undefined) return notRepaired(notRepairedText(result, before));

  const place = placeOf(chosen);
  const refusal = yield* turn.apply(patchFor(chosen.unit, chosen), {
    say: `An edit (template "${chosen.template}") makes the failing tests pass, at ${place}. I apply it.`,
    plan: 3,
  });
  if (refusal !== null)
    return notRepaired(
      `this edit makes the tests pass in a copy, but it could not be made here. At ${place}: ${faultOf(chosen)}.\n${diffOf(chosen)}\nNo file was changed: ${brief(refusal, 300)}`,
    );
  const after = yield* runTests(before.command, inspection, turn, {
    say: "The edit is in place. I run the whole test command again.",
    plan: 4,
  });
  if (passesNow(after, before))
    return { kind: "repaired", text: repairedText(result, located, before, after) };
  const stuck = yield* turn.apply(reversePatchFor(chosen.unit, chosen), {
    say: "The tests still fail with the edit in the real workspace, so I take it back.",
  });
  return notRepaired(
    `an edit at ${place} passed in the copy but not in the workspace and ${stuck === null ? "was taken back" : "COULD NOT BE TAKEN BACK"}.\n${diffOf(chosen)}\nTests with it: ${countsOf(after)}. Command: \`${command}\``,
  );
}
