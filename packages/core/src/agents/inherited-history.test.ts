import { type ResponseItem, textMessage } from "@quire/protocol";
import { expect, test } from "vitest";
import { MAIL_TAG } from "./agent-tags.ts";
import { inheritedHistory } from "./inherited-history.ts";

const user = (text: string) => textMessage("user", text);
const says = (text: string) => textMessage("assistant", text);
const call = (id: string): ResponseItem => ({
  type: "function_call",
  call_id: id,
  name: "t",
  arguments: "{}",
});
const output = (id: string): ResponseItem => ({ type: "function_call_output", call_id: id, output: "o" });

const history: ResponseItem[] = [
  textMessage("developer", "<permissions>\nSandbox mode: danger-full-access.\n</permissions>"),
  user("<environment_context>\n</environment_context>"),
  user("first"),
  { type: "reasoning", id: "r1", summary: [], encrypted_content: "secret" },
  call("a"),
  output("a"),
  says("one"),
  user("second"),
  user(`${MAIL_TAG}\n{}\n</agent_messages>`),
  says("two"),
  user("third"),
  call("b"),
  output("b"),
  call("spawn"),
];

const boundary = textMessage(
  "developer",
  expect.stringMatching(/^<inherited_conversation>\n.* agent \/root,/),
);

test("an agent inherits what was said and done, without surroundings, reasoning and calls that have no answer", () => {
  expect(inheritedHistory(history, "none", "/root")).toEqual([]);
  expect(inheritedHistory(history, "all", "/root")).toEqual([
    ...[history[2], history[4], history[5], ...history.slice(6, 13)],
    boundary,
  ]);
});

test("a number counts turns from the end, which begin with a message of the user's and no other", () => {
  expect(inheritedHistory(history, 1, "/root")).toEqual([...history.slice(10, 13), boundary]);
  expect(inheritedHistory(history, 2, "/root")).toEqual([...history.slice(7, 13), boundary]);
  expect(inheritedHistory(history, 99, "/root")).toHaveLength(11);
  expect(inheritedHistory([call("spawn")], "all", "/root")).toEqual([]);
});
