import { type ResponseItem, textMessage } from "@quire/protocol";
import { expect, test } from "vitest";
import { scriptedThread } from "./support/scripted-thread.ts";

let ids = 0;
const call = (name: string, args: object): ResponseItem => {
  ids += 1;
  return { type: "function_call", call_id: `call-${ids}`, name, arguments: JSON.stringify(args) };
};

test("a goal is part of the log: what it has used, how it stands and why come back after a compaction and a resume", async () => {
  await using run = await scriptedThread({
    script: () => ({ items: [textMessage("assistant", "ok")], inputTokens: 70 }),
  });
  run.thread.goals.set({ objective: "Everything", tokenBudget: 1000 });
  await run.turn("one");
  await (await run.thread.compact({ settings: run.settings })).done;
  const before = run.thread.goals.current;
  expect(before).toMatchObject({ status: "active", tokensUsed: 70, tokenBudget: 1000 });
  await run.reopen();
  expect(run.thread.goals.current).toEqual(before);
  run.thread.goals.set({ status: "paused", reason: "enough for today" });
  await run.turn("two");
  await run.reopen();
  expect(run.thread.goals.current).toMatchObject({
    status: "paused",
    reason: "enough for today",
    tokensUsed: 70,
  });
  expect(run.thread.goals.clear()).toBe(true);
  await run.reopen();
  expect(run.thread.goals.current).toBe(null);
});

test("a budget that is used up is refused as active; a larger one goes on, a new objective begins anew", async () => {
  await using run = await scriptedThread({
    script: () => ({ items: [textMessage("assistant", "ok")], inputTokens: 500 }),
  });
  run.thread.goals.set({ objective: "Everything", tokenBudget: 400 });
  await run.turn("one");
  expect(run.thread.goals.current).toMatchObject({ status: "budgetLimited", tokensUsed: 500 });
  await run.turn("a question about something else");
  expect(run.thread.goals.current?.tokensUsed).toBe(500);
  expect(() => run.thread.goals.set({ status: "active" })).toThrow("are used up");
  expect(() => run.thread.goals.set({ objective: " " })).toThrow("1 to 4000 characters");
  expect(run.thread.goals.set({ status: "active", tokenBudget: 900 })).toMatchObject({ tokensUsed: 500 });
  expect(run.thread.goals.set({ objective: "Something else" })).toMatchObject({
    status: "active",
    tokensUsed: 0,
    tokenBudget: null,
  });
});

test("the model ends the goal, or says what blocks it; without one it has no tool for it", async () => {
  const seen: string[][] = [];
  let next: ResponseItem[] = [];
  await using run = await scriptedThread({
    script: (request) => {
      seen.push(request.tools.map(({ name }) => name).filter((name) => name.endsWith("_goal")));
      const items = next;
      next = [textMessage("assistant", "ok")];
      return { items };
    },
  });
  next = [textMessage("assistant", "ok")];
  await run.turn("without a goal");
  run.thread.goals.set({ objective: "Everything" });
  next = [call("update_goal", { status: "blocked", reason: "no key" })];
  await run.turn("with one");
  expect(run.thread.goals.current).toMatchObject({ status: "blocked", reason: "no key" });
  run.thread.goals.set({ status: "active" });
  next = [call("update_goal", { status: "complete" })];
  await run.turn("again");
  expect(run.thread.goals.current?.status).toBe("complete");
  next = [textMessage("assistant", "ok")];
  await run.turn("after it");
  const tools = ["get_goal", "update_goal"];
  expect(seen).toEqual([[], tools, tools, tools, tools, []]);
});
