import type { RolloutRecord, ThreadItem, TokenUsage } from "@quire/protocol";
import { expect, test } from "vitest";
import { settleOpenCalls } from "../thread/settle-open-calls.ts";
import { replayRollout } from "./replay.ts";

const usage: TokenUsage = {
  input_tokens: 10,
  cached_input_tokens: 4,
  cache_write_input_tokens: 0,
  output_tokens: 3,
  reasoning_output_tokens: 1,
};
const call = (id: string): RolloutRecord => ({
  type: "response_item",
  payload: { type: "function_call", call_id: id, name: "exec_command", arguments: '{"cmd":"make"}' },
});
const output = (id: string): RolloutRecord => ({
  type: "response_item",
  payload: { type: "function_call_output", call_id: id, output: "ok" },
});
const command = (id: string, status: "inProgress" | "completed"): ThreadItem => ({
  type: "commandExecution",
  id,
  command: "make",
  argv: ["bash", "-c", "make"],
  cwd: "/",
  processId: null,
  source: "agent",
  status,
  aggregatedOutput: status === "completed" ? "built\n" : null,
  outputBytes: 6,
  exitCode: status === "completed" ? 0 : null,
  durationMs: null,
  error: null,
});
const event = (type: "item_started" | "item_completed", item: ThreadItem): RolloutRecord => ({
  type: "event_msg",
  payload: { type, turn_id: "u1", item },
});
const started: RolloutRecord = {
  type: "event_msg",
  payload: { type: "task_started", turn_id: "u1", started_at: 1 },
};

test("a log folds into its history, money and open turn", () => {
  const bill: RolloutRecord = {
    type: "token_usage_record",
    payload: {
      turn_id: "u1",
      response_id: null,
      model: "m",
      usage,
      thread_token_usage: usage,
      cost: { kind: "known", usd: 0.5, priced_as_of: "2026-01-01" },
    },
  };
  const state = replayRollout([started, call("a"), output("a"), bill, bill]);
  expect(state).toMatchObject({
    usage: { input_tokens: 20, cached_input_tokens: 8, output_tokens: 6, reasoning_output_tokens: 2 },
    cost: { kind: "known", usd: 1 },
    openTurnId: "u1",
    unanswered: [],
  });
  expect(state.history.map((item) => item.type)).toEqual(["function_call", "function_call_output"]);
});

test("each way a call can be cut off gets a truthful answer and none is run again", () => {
  const { unanswered } = replayRollout([
    started,
    call("never"),
    call("running"),
    event("item_started", command("running", "inProgress")),
    call("ended"),
    event("item_started", command("ended", "inProgress")),
    event("item_completed", command("ended", "completed")),
    call("answered"),
    output("answered"),
  ]);
  const settled = settleOpenCalls(unanswered);
  expect(settled.map(({ historyItem }) => ("output" in historyItem ? historyItem.output : null))).toEqual([
    "Not run: Quire was stopped before this call was started.",
    expect.stringMatching(/^Outcome unknown: .* has not been run again/),
    "The command ended (exit code 0).\nOutput:\nbuilt\n",
  ]);
  expect(settled.map(({ threadItem }) => threadItem)).toEqual([
    null,
    {
      ...command("running", "inProgress"),
      status: "unknown",
      error: { code: "outcome_unknown", message: expect.any(String), retryable: false },
    },
    null,
  ]);
});

test("a finished turn leaves nothing open", () => {
  const done: RolloutRecord = {
    type: "event_msg",
    payload: {
      type: "task_complete",
      turn_id: "u1",
      last_agent_message: null,
      completed_at: 2,
      duration_ms: 1,
    },
  };
  expect(replayRollout([started, done]).openTurnId).toBeNull();
});
