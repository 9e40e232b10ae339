import { NO_USAGE, textMessage } from "@quire/protocol";
import { describe, expect, test } from "vitest";
import { eventsOf, requestOf, TOOLS } from "../test/run-turn.ts";
import { ANSWER_HEADER, answerKind, createOfflineRepairClient, isDeclined } from "./index.ts";

const declined = requestOf([textMessage("user", "Add a dark mode")]);

function textOf(events: Awaited<ReturnType<typeof eventsOf>>): string {
  return events.map((event) => (event.type === "text_delta" ? event.delta : "")).join("");
}

test("work out of scope is declined in one message that names a remedy", async () => {
  const events = await eventsOf(declined);
  const text = textOf(events);
  expect(text.split("\n")[0]).toBe(ANSWER_HEADER);
  expect(isDeclined(text)).toBe(true);
  expect(text).toContain("OPENAI_API_KEY");
  expect(events.map(({ type }) => type)).toEqual([
    "item_started",
    "text_delta",
    "text_delta",
    "item_done",
    "completed",
  ]);
  expect(events.at(-1)).toEqual({
    type: "completed",
    completion: { responseId: null, usage: NO_USAGE, model: "offline-repair" },
  });
});

test("a first response says what it is, shows a plan and looks around", async () => {
  const events = await eventsOf(
    requestOf([
      textMessage("user", "<environment_context>x</environment_context>"),
      textMessage("user", "fix the failing test"),
    ]),
  );
  const items = events.flatMap((event) => (event.type === "item_done" ? [event.item] : []));
  expect(items.map((item) => ("name" in item ? item.name : item.type))).toEqual([
    "message",
    "update_plan",
    "exec_command",
  ]);
  expect(textOf(events)).toContain("not a language model");
});

test("without a command tool it declines; without update_plan it shows no plan", async () => {
  const task = [textMessage("user", "fix the failing test")];
  expect(isDeclined(textOf(await eventsOf(requestOf(task, { tools: [] }))))).toBe(true);
  const events = await eventsOf(
    requestOf(task, { tools: TOOLS.filter(({ name }) => name !== "update_plan") }),
  );
  expect(events.filter((event) => event.type === "item_done")).toHaveLength(2);
});

describe("an output schema", () => {
  const ask = async (outputSchema: Record<string, unknown>) =>
    textOf(await eventsOf({ ...declined, outputSchema }));

  test("of simple fields is followed, and the answer's kind stays readable", async () => {
    const text = await ask({
      type: "object",
      properties: {
        summary: { type: "string" },
        ok: { type: "boolean" },
        files: { type: "array", items: { type: "string" } },
      },
    });
    expect(JSON.parse(text)).toEqual({
      summary: expect.stringContaining(ANSWER_HEADER),
      ok: false,
      files: [],
    });
    expect(answerKind(text)).toBe("declined");
  });

  test("of another shape is refused in words", async () => {
    const refusal = "I cannot answer in the requested JSON form.";
    expect(await ask({ type: "object", properties: { a: { anyOf: [] } } })).toContain(refusal);
    const verdict = { type: "string", enum: ["passed", "failed"] };
    expect(await ask({ type: "object", properties: { verdict } })).toContain(refusal);
  });
});

test("a cancelled call ends with one failure", async () => {
  const events = [];
  for await (const event of createOfflineRepairClient().stream(declined, { signal: AbortSignal.abort() }))
    events.push(event);
  expect(events).toMatchObject([{ type: "failed", error: { code: "interrupted" } }]);
});

test("a new task after a finished or interrupted turn starts afresh", async () => {
  const first = await eventsOf(declined);
  const answer = first.flatMap((event) => (event.type === "item_done" ? [event.item] : []));
  const again = await eventsOf(requestOf([...declined.input, ...answer, textMessage("user", "fix the bug")]));
  expect(again.some((event) => event.type === "item_done" && event.item.type === "function_call")).toBe(true);
  const call = {
    type: "function_call",
    call_id: "offline_repair_1",
    name: "exec_command",
    arguments: "{}",
  } as const;
  const input = [
    textMessage("user", "fix the bug"),
    call,
    textMessage("user", "<turn_aborted>"),
    textMessage("user", "Add a dark mode"),
  ];
  expect(isDeclined(textOf(await eventsOf(requestOf(input))))).toBe(true);
});

test("a refused first command ends the turn", async () => {
  const call = {
    type: "function_call",
    call_id: "offline_repair_1",
    name: "exec_command",
    arguments: "{}",
  } as const;
  const output = {
    type: "function_call_output",
    call_id: "offline_repair_1",
    output: "The user declined the command.",
  } as const;
  const text = textOf(await eventsOf(requestOf([textMessage("user", "fix the bug"), call, output])));
  expect(isDeclined(text)).toBe(true);
  expect(text).toContain("The user declined the command.");
});
