import { type ResponseItem, textMessage } from "@quire/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readConversation } from "./conversation.ts";

const call = (id: string): ResponseItem => ({
  type: "function_call",
  call_id: id,
  name: "exec_command",
  arguments: "{}",
});
const output = (id: string, text: string): ResponseItem => ({
  type: "function_call_output",
  call_id: id,
  output: text,
});
const user = (text: string) => textMessage("user", text);

test("replies are those to the engine's own calls, and what the user says between them steers", () => {
  const input = [
    user("<environment_context>x</environment_context>"),
    user("fix it"),
    call("of_another_model"),
    output("of_another_model", "x"),
    call("offline_repair_2_plan"),
    call("offline_repair_2"),
    output("offline_repair_2_plan", "Plan updated"),
    output("offline_repair_2", "listing"),
    user("only a.py"),
    call("offline_repair_7"),
  ];
  expect(readConversation(input)).toEqual({
    task: "fix it",
    replies: [
      { output: "listing", steering: ["only a.py"] },
      { output: "", steering: [] },
    ],
  });
});

test("a turn that was cut off in a call starts again with all that was said", () => {
  const input = [
    user("fix it"),
    call("offline_repair_1"),
    output("offline_repair_1", "listing"),
    user("only a.py"),
    call("offline_repair_4"),
    output("offline_repair_4", "Outcome unknown: Quire was stopped"),
    user("go on"),
  ];
  expect(readConversation(input)).toEqual({ task: "fix it\nonly a.py\ngo on", replies: [] });
});

test("whatever comes later, what was replied before stays", () => {
  const items = fc.array(
    fc.oneof(
      fc.constantFrom(user("fix it"), user("more"), textMessage("assistant", "I look")),
      fc.nat({ max: 5 }).map((number) => call(`offline_repair_${number}`)),
      fc.nat({ max: 5 }).map((number) => output(`offline_repair_${number}`, `output ${number}`)),
    ),
  );
  fc.assert(
    fc.property(items, items, (first, later) => {
      const answered = (input: readonly ResponseItem[]) => readConversation(input).replies.slice(0, -1);
      const earlier = answered(first);
      expect(readConversation([...first, ...later]).replies.slice(0, earlier.length)).toEqual(earlier);
    }),
  );
});
