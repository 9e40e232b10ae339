import { expect, test } from "vitest";
import { readyCall, toolFixture } from "../test/tool-fixture.ts";

test("shows the plan as an item", async () => {
  await using fixture = await toolFixture();
  const plan = [
    { step: "read", status: "completed" },
    { step: "write", status: "in_progress" },
    { step: "test", status: "pending" },
  ];
  const ready = readyCall(
    await fixture.prepare("update_plan", { explanation: "Why", plan }, { callId: "c" }),
  );
  const item = {
    type: "todoList",
    id: "c",
    explanation: "Why",
    steps: [
      { step: "read", status: "completed" },
      { step: "write", status: "inProgress" },
      { step: "test", status: "pending" },
    ],
  };
  expect({ effects: ready.effects, item: ready.item }).toEqual({ effects: [], item });
  expect(await ready.run({ sandbox: "session" })).toEqual({ item, output: "Plan updated", success: true });
});

test("refuses two current steps and says what to do", async () => {
  await using fixture = await toolFixture();
  const plan = [
    { step: "one", status: "in_progress" },
    { step: "two", status: "in_progress" },
  ];
  expect(await fixture.prepare("update_plan", { plan })).toEqual({
    kind: "invalid",
    code: "tool_bad_arguments",
    message:
      'update_plan was not run: 2 steps are in_progress ("one", "two"). Leave one, set the others to pending or completed.',
  });
});

test("names an unknown status", async () => {
  await using fixture = await toolFixture();
  expect(await fixture.prepare("update_plan", { plan: [{ step: "one", status: "done" }] })).toMatchObject({
    kind: "invalid",
    message: expect.stringContaining(
      '"status" must be one of "pending", "in_progress", "completed", not "done"',
    ),
  });
});
