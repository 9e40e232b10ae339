import { expect, test } from "vitest";
import type { ModelEvent } from "../../model-client.ts";
import type { Ending } from "../../transport/ending.ts";
import type { CallFacts } from "../../transport/refusal.ts";
import { createResponsesDecoder } from "./stream-decoder.ts";

const FACTS: CallFacts = {
  url: "https://models.example/v1/responses",
  model: "m",
  auth: { kind: "none" },
  nowMs: 1_000_000,
};

function decode(stream: readonly object[]): { events: ModelEvent[]; ending: Ending | null; notes: string[] } {
  const notes: string[] = [];
  const decoder = createResponsesDecoder(FACTS, (text) => notes.push(text));
  const events: ModelEvent[] = [];
  let ending: Ending | null = null;
  for (const event of stream) {
    ending = decoder.feed(JSON.stringify(event), undefined, (given) => events.push(given));
    if (ending !== null) break;
  }
  return { events, ending, notes };
}

const MESSAGE = {
  type: "message",
  id: "msg_1",
  role: "assistant",
  content: [{ type: "output_text", text: "hi" }],
};
const CALL = { type: "function_call", id: "fc_1", call_id: "c1", name: "ls", arguments: "{}" };

function completed(output: readonly object[], rest: object = {}): object {
  return { type: "response.completed", response: { id: "resp_1", model: "m-2026", output, ...rest } };
}

test("deltas of every kind name their item", () => {
  const { events } = decode([
    {
      type: "response.output_item.added",
      output_index: 3,
      item: { type: "message", role: "assistant", content: [] },
    },
    { type: "response.output_text.delta", output_index: 3, delta: "a" },
    { type: "response.refusal.delta", item_id: "msg_9", delta: "b" },
    { type: "response.reasoning_summary_text.delta", item_id: "rs_1", summary_index: 2, delta: "c" },
    { type: "response.reasoning_text.delta", item_id: "rs_1", content_index: 1, delta: "d" },
    { type: "response.function_call_arguments.delta", item_id: "fc_1", delta: "e" },
    { type: "response.custom_tool_call_input.delta", item_id: "ctc_1", delta: "f" },
    { type: "response.some_future_event", delta: "ignored" },
    { type: "response.output_text.delta", item_id: "msg_9", delta: 7 },
  ]);
  expect(events).toEqual([
    { type: "item_started", itemId: "output_3", item: { type: "message", role: "assistant", content: [] } },
    { type: "text_delta", itemId: "output_3", delta: "a" },
    { type: "text_delta", itemId: "msg_9", delta: "b" },
    { type: "reasoning_delta", itemId: "rs_1", summaryIndex: 2, delta: "c" },
    { type: "reasoning_delta", itemId: "rs_1", summaryIndex: 1, delta: "d" },
    { type: "tool_input_delta", itemId: "fc_1", delta: "e" },
    { type: "tool_input_delta", itemId: "ctc_1", delta: "f" },
  ]);
});

test("usage comes with its cached and reasoning shares", () => {
  const usage = {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 60 },
    output_tokens: 20,
    output_tokens_details: { reasoning_tokens: 15 },
  };
  expect(decode([completed([MESSAGE], { usage })]).ending).toEqual({
    kind: "completed",
    completion: {
      responseId: "resp_1",
      model: "m-2026",
      usage: {
        input_tokens: 100,
        cached_input_tokens: 60,
        cache_write_input_tokens: 0,
        output_tokens: 20,
        reasoning_output_tokens: 15,
      },
    },
  });
});

test("an item that only the closing event holds is delivered, one that came before is not delivered again", () => {
  const done = { type: "response.output_item.done", output_index: 0, item: MESSAGE };
  const items = (stream: readonly object[]) =>
    decode(stream).events.flatMap((event) => (event.type === "item_done" ? [event.item] : []));
  expect(items([completed([MESSAGE, CALL])])).toEqual([MESSAGE, CALL]);
  expect(items([done, completed([MESSAGE, CALL])])).toEqual([MESSAGE, CALL]);
  expect(items([done, { ...done, output_index: 1, item: CALL }, completed([MESSAGE, CALL])])).toEqual([
    MESSAGE,
    CALL,
  ]);
});

test("endpoints that number nothing do not make a call run twice", () => {
  const done = (item: object) => ({ type: "response.output_item.done", item });
  const { events } = decode([done(MESSAGE), done(CALL), completed([MESSAGE, CALL])]);
  expect(events.map((event) => event.type)).toEqual(["item_done", "item_done"]);
  const partly = decode([done(CALL), completed([MESSAGE, CALL])]);
  expect(
    partly.events.filter((event) => event.type === "item_done" && event.item.type === "function_call"),
  ).toHaveLength(1);
});

test("an item of an unknown type is skipped and noted", () => {
  const odd = { type: "mcp_list_tools", id: "x" };
  const { events, ending, notes } = decode([
    { type: "response.output_item.done", output_index: 0, item: odd },
    { type: "response.output_item.done", output_index: 1, item: MESSAGE },
    completed([odd, MESSAGE]),
  ]);
  expect(events).toEqual([{ type: "item_done", item: MESSAGE }]);
  expect(ending?.kind).toBe("completed");
  expect(notes).toEqual(['The model "m" sent an item of the unknown type "mcp_list_tools"; it was skipped.']);
});

test("a response of nothing but unknown items fails for good, naming them", () => {
  const odd = { type: "local_shell_call", id: "x" };
  const { ending } = decode([completed([odd])]);
  expect(ending).toMatchObject({
    kind: "failed",
    failure: { retry: false, error: { code: "model_stream_malformed", retryable: false } },
  });
  expect(JSON.stringify(ending)).toContain("local_shell_call");
});

test("a known item in a wrong shape is a broken stream", () => {
  const { call_id: _left, ...broken } = CALL;
  const { ending } = decode([{ type: "response.output_item.done", output_index: 0, item: broken }]);
  expect(ending).toMatchObject({
    kind: "failed",
    failure: { retry: true, stage: "stream", error: { code: "model_stream_malformed" } },
  });
});

test("an incomplete response keeps a message that only deltas had said", () => {
  const { events, ending } = decode([
    {
      type: "response.output_item.added",
      output_index: 0,
      item: { type: "message", id: "msg_1", role: "assistant", content: [] },
    },
    { type: "response.output_text.delta", output_index: 0, item_id: "msg_1", delta: "Half " },
    { type: "response.output_text.delta", output_index: 0, item_id: "msg_1", delta: "of it" },
    {
      type: "response.incomplete",
      response: { incomplete_details: { reason: "content_filter" }, output: [] },
    },
  ]);
  expect(events.at(-1)).toEqual({
    type: "item_done",
    item: {
      type: "message",
      id: "msg_1",
      role: "assistant",
      status: "incomplete",
      content: [{ type: "output_text", text: "Half of it" }],
    },
  });
  expect(ending).toMatchObject({
    failure: { retry: false, error: { code: "model_incomplete", details: "reason: content_filter" } },
  });
});

const failures: readonly (readonly [string, object, { code: string; retry: boolean }])[] = [
  ["server_error", { code: "server_error", message: "oops" }, { code: "model_server_error", retry: true }],
  [
    "an overload",
    { code: "server_is_overloaded", message: "busy" },
    { code: "model_overloaded", retry: true },
  ],
  [
    "a long context",
    { code: "context_length_exceeded", message: "x" },
    { code: "context_too_long", retry: false },
  ],
  ["no quota", { code: "insufficient_quota", message: "x" }, { code: "model_usage_limit", retry: false }],
  ["a flagged prompt", { code: "invalid_prompt", message: "x" }, { code: "model_refused", retry: false }],
  ["something new", { code: "brand_new", message: "x" }, { code: "model_server_error", retry: true }],
];
test.each(failures)("response.failed and error events are typed: %s", (_name, error, expected) => {
  const event = decode([{ type: "response.failed", response: { error } }]).ending;
  const bare = decode([{ type: "error", ...error }]).ending;
  const wrapped = decode([{ type: "error", error }]).ending;
  for (const ending of [event, bare, wrapped]) {
    expect(ending).toMatchObject({
      failure: { retry: expected.retry, stage: "stream", error: { code: expected.code } },
    });
  }
});

test("the time to wait is read out of the words of a rate limit", () => {
  const error = {
    code: "rate_limit_exceeded",
    message: "Rate limit reached. Please try again in 1.3s. See docs.",
  };
  expect(decode([{ type: "response.failed", response: { error } }]).ending).toMatchObject({
    failure: { retry: true, retryAfterMs: 1_300, error: { code: "model_rate_limited", reset_at: 1_002 } },
  });
});
