import { NO_USAGE, type RolloutRecord, type ThreadItem, textMessage } from "@quire/protocol";
import { expect, test } from "vitest";
import { readTurns } from "./recorded-turns.ts";
import { replayRollout } from "./replay.ts";
import { recordsThrough } from "./reverted-records.ts";

const usage = { ...NO_USAGE, input_tokens: 10 };

function turn(id: string): RolloutRecord[] {
  const at = { turn_id: id };
  const message: ThreadItem = { type: "userMessage", id: `m-${id}`, content: [{ type: "text", text: id }] };
  return [
    { type: "event_msg", payload: { type: "task_started", ...at, started_at: 100 } },
    { type: "response_item", payload: textMessage("user", id) },
    { type: "event_msg", payload: { type: "item_started", ...at, item: { ...message, startedAtMs: 7 } } },
    { type: "event_msg", payload: { type: "item_completed", ...at, item: { ...message, completedAtMs: 9 } } },
    {
      type: "token_usage_record",
      payload: { ...at, response_id: null, model: "m", usage, thread_token_usage: usage },
    },
    {
      type: "event_msg",
      payload: {
        type: "task_complete",
        ...at,
        last_agent_message: "ok",
        completed_at: 101,
        duration_ms: 1500,
      },
    },
  ];
}

const revert = (id: string): RolloutRecord => ({
  type: "event_msg",
  payload: { type: "thread_reverted", before_turn_id: id },
});

test("turns with their items, times and usage; one that was cut off is in progress", () => {
  const records = [...turn("a"), ...turn("b").slice(0, 3)];
  expect(readTurns(records)).toEqual([
    {
      id: "a",
      status: "completed",
      error: null,
      startedAtMs: 100_000,
      completedAtMs: 101_500,
      usage,
      cost: null,
      finalText: "ok",
      items: [
        {
          type: "userMessage",
          id: "m-a",
          content: [{ type: "text", text: "a" }],
          startedAtMs: 7,
          completedAtMs: 9,
        },
      ],
    },
    expect.objectContaining({
      id: "b",
      status: "inProgress",
      items: [expect.objectContaining({ id: "m-b" })],
    }),
  ]);
});

test("a revert takes its turn and what followed away for readers and for the model; what was spent stays", () => {
  const records = [...turn("a"), ...turn("b"), ...turn("c"), revert("b"), ...turn("d"), revert("unknown")];
  expect(readTurns(records).map(({ id }) => id)).toEqual(["a", "d"]);
  const replayed = replayRollout(records);
  expect(replayed.history).toEqual([textMessage("user", "a"), textMessage("user", "d")]);
  expect(replayed.usage.input_tokens).toBe(40);
  expect(readTurns([...records, revert("a")])).toEqual([]);
});

test("a copy through a turn ends where the next one begins", () => {
  const records = [...turn("a"), ...turn("b"), revert("b"), ...turn("c"), ...turn("d")];
  expect(readTurns(recordsThrough(records, "t", "c")).map(({ id }) => id)).toEqual(["a", "c"]);
  expect(() => recordsThrough(records, "t", "b")).toThrow("has no turn b");
});
