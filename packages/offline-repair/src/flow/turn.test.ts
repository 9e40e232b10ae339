import { expect, test } from "vitest";
import type { Answer, Flow, Step } from "./step.ts";
import { STOPPED, Turn, untilStopped } from "./turn.ts";

const finished = (output: string, seconds = 1) =>
  `Wall time: ${seconds} seconds\nProcess exited with code 0\nOutput:\n${output}`;
const running = "Wall time: 2 seconds\nProcess running with session ID 7\nOutput:\nfirst, ";

/** The calls of a flow, and its end, when it is told these things one after the other. */
function play(flow: Flow<Answer>, replies: readonly (readonly [output: string, steering?: string])[]) {
  const calls: Step["call"][] = [];
  let next = flow.next();
  for (const [output, ...steering] of replies) {
    if (next.done) break;
    calls.push(next.value.call);
    next = flow.next({ output, steering: steering.flatMap((text) => text ?? []) });
  }
  return { calls: calls.map((call) => call?.tool), end: next.done ? next.value : null };
}

function* work(turn: Turn): Flow<Answer> {
  const first = yield* turn.run("look", 100);
  const refusal = yield* turn.apply("patch", {});
  const last = yield* turn.run("verify", 100);
  return {
    kind: "repaired",
    text: `${first.output}${refusal ?? "applied"}, ${last.output}${turn.secondsLeft}`,
  };
}

test("a command is polled to its end, and what it took is taken from the turn", () => {
  const replies = [[running], [finished("second, ")], ["Success"], [finished("third, ", 4)]] as const;
  expect(play(work(new Turn("fix it", 20)), replies)).toEqual({
    calls: ["exec_command", "write_stdin", "apply_patch", "exec_command"],
    end: { kind: "repaired", text: "first, second, applied, third, 13" },
  });
});

test("a stop before the edit ends the turn when the command that runs is over", () => {
  const replies = [[running, "stop"], [finished("")], ["Success"]] as const;
  expect(play(untilStopped(work(new Turn("fix it", 20))), replies)).toEqual({
    calls: ["exec_command", "write_stdin"],
    end: STOPPED,
  });
});

test("an edit that is being made is verified, whatever is said", () => {
  const replies = [[finished("")], ["Success", "stop"], [finished("")]] as const;
  const { calls, end } = play(untilStopped(work(new Turn("fix it", 20))), replies);
  expect(calls).toEqual(["exec_command", "apply_patch", "exec_command"]);
  expect(end?.kind).toBe("repaired");
});

test("words of the user hold from when they are said, and a refused patch is told", () => {
  const turn = new Turn("fix it within 30 seconds", 20);
  const { end } = play(work(turn), [
    [finished(""), "only look at a.py"],
    ["apply_patch failed: no"],
    [finished("")],
  ]);
  expect(turn.task.only).toEqual(["a.py"]);
  expect(end?.text).toBe("apply_patch failed: no, 28");
});
