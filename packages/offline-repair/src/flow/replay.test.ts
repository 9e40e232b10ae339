import { expect, test } from "vitest";
import type { Conversation } from "./conversation.ts";
import { TurnReplay } from "./replay.ts";
import type { Answer, Flow, Reply } from "./step.ts";

function* echo(task: string, log: string[]): Flow<Answer> {
  log.push("start");
  const heard: string[] = [];
  for (let round = 0; round < 3; round++) {
    const reply = yield { say: `${task} ${heard.join(" ")}`, call: { kind: "plan", plan: [] } };
    heard.push(reply.output, ...reply.steering);
  }
  return { kind: "repaired", text: heard.join(" ") };
}

const replied = (...outputs: string[]): Reply[] => outputs.map((output) => ({ output, steering: [] }));
const conversation = (task: string, replies: readonly Reply[]): Conversation => ({ task, replies });

test("a turn that goes on is resumed and leads where a fresh replay leads", () => {
  const log: string[] = [];
  const kept = new TurnReplay((task) => echo(task, log));
  for (const replies of [replied(), replied("a"), replied("a", "b"), replied("a", "b", "c")]) {
    const fresh = new TurnReplay((task) => echo(task, []));
    expect(kept.next(conversation("t", replies), "")).toEqual(fresh.next(conversation("t", replies), ""));
  }
  expect(log).toEqual(["start"]);
});

test("other replies, another task, another variant and a repeated request start afresh", () => {
  const log: string[] = [];
  const kept = new TurnReplay((task) => echo(task, log));
  kept.next(conversation("t", replied("a")), "");
  expect(kept.next(conversation("t", replied("x", "b")), "")).toMatchObject({ say: "t x b" });
  expect(kept.next(conversation("u", replied("a", "b")), "")).toMatchObject({ say: "u a b" });
  expect(kept.next(conversation("t", replied("a", "b")), "other")).toMatchObject({ say: "t a b" });
  expect(kept.next(conversation("t", replied("a")), "")).toMatchObject({ say: "t a" });
  expect(log).toHaveLength(5);
});
