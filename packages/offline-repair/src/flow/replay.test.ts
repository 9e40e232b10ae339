import { expect, test } from "vitest";
import type { Conversation } from "./conversation.ts";
import { createReplay } from "./replay.ts";
import type { Answer, Flow, Reply } from "./step.ts";

function* echo(task: string, log: string[]): Flow<Answer> {
  log.push("start");
  const heard: string[] = [];
  for (let round = 0; round < 3; round++) {
    const reply = yield { say: `${task} ${heard.join(" ")}`, call: { tool: "apply_patch", patch: "" } };
    heard.push(reply.output, ...reply.steering);
  }
  return { kind: "repaired", text: heard.join(" ") };
}

const replied = (...outputs: string[]): Reply[] => outputs.map((output) => ({ output, steering: [] }));
const conversation = (task: string, replies: readonly Reply[]): Conversation => ({ task, replies });
const settings = { seconds: 60, canPlan: false };

test("a turn that goes on is resumed and leads where a fresh replay leads", () => {
  const log: string[] = [];
  const kept = createReplay((task) => echo(task, log));
  for (const replies of [replied(), replied("a"), replied("a", "b"), replied("a", "b", "c")]) {
    const fresh = createReplay((task) => echo(task, []));
    expect(kept(conversation("t", replies), settings)).toEqual(fresh(conversation("t", replies), settings));
  }
  expect(log).toEqual(["start"]);
});

test("other replies, another task, other settings and a repeated request start afresh", () => {
  const log: string[] = [];
  const kept = createReplay((task) => echo(task, log));
  kept(conversation("t", replied("a")), settings);
  expect(kept(conversation("t", replied("x", "b")), settings)).toMatchObject({ say: "t x b" });
  expect(kept(conversation("u", replied("a", "b")), settings)).toMatchObject({ say: "u a b" });
  expect(kept(conversation("t", replied("a", "b")), { ...settings, canPlan: true })).toMatchObject({
    say: "t a b",
  });
  expect(kept(conversation("t", replied("a")), settings)).toMatchObject({ say: "t a" });
  expect(log).toHaveLength(5);
});
