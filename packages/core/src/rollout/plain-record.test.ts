import { RolloutRecordSchema } from "@quire/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { plainRecord } from "./plain-record.ts";

const usage = {
  input_tokens: 10,
  cached_input_tokens: 4,
  cache_write_input_tokens: 0,
  output_tokens: 3,
  reasoning_output_tokens: 1,
};
const item = {
  type: "commandExecution",
  id: "c",
  command: "ls",
  argv: ["bash", "-c", "ls"],
  cwd: "/",
  processId: null,
  source: "agent",
  status: "completed",
  aggregatedOutput: "a\n",
  outputBytes: 2,
  exitCode: 0,
  durationMs: 3,
  error: null,
  startedAtMs: 1,
  completedAtMs: 2,
};
const event = (payload: object) => ({ type: "event_msg", payload: { turn_id: "t", ...payload } });
const RECORDS: object[] = [
  {
    type: "response_item",
    payload: { type: "message", role: "user", content: [{ type: "input_text", text: "a" }] },
  },
  {
    type: "response_item",
    payload: {
      type: "message",
      role: "assistant",
      content: [{ type: "output_text", text: "b", annotations: [] }],
    },
  },
  { type: "response_item", payload: { type: "function_call", call_id: "c", name: "n", arguments: "{}" } },
  { type: "response_item", payload: { type: "custom_tool_call", call_id: "c", name: "n", input: "x" } },
  { type: "response_item", payload: { type: "function_call_output", call_id: "c", output: "o" } },
  { type: "response_item", payload: { type: "custom_tool_call_output", call_id: "c", output: "o" } },
  event({ type: "task_started", started_at: 1 }),
  event({ type: "task_complete", last_agent_message: null, completed_at: 1, duration_ms: 2, error: null }),
  event({ type: "item_started", item: { ...item, status: "inProgress", exitCode: null } }),
  event({ type: "item_completed", item }),
  event({ type: "item_completed", item: { type: "agentMessage", id: "m", text: "hi" } }),
  event({
    type: "item_completed",
    item: { type: "userMessage", id: "u", content: [{ type: "text", text: "x" }] },
  }),
  {
    type: "turn_context",
    payload: {
      turn_id: "t",
      cwd: "/",
      model: "m",
      effort: null,
      approval_policy: "never",
      sandbox_policy: { type: "read-only" },
    },
  },
  {
    type: "token_usage_record",
    payload: {
      turn_id: "t",
      response_id: null,
      model: "m",
      usage,
      thread_token_usage: usage,
      cost: { kind: "known", usd: 1, priced_as_of: "2026-01-01" },
    },
  },
];

test.each(RECORDS)(
  "the common lines are recognised, and are to the schema what they are here (%j)",
  (record) => {
    expect(plainRecord({ timestamp: "", ordinal: 1, ...record })).toEqual(record);
    expect(RolloutRecordSchema.parse(record)).toEqual(record);
  },
);

/** A record with one value, at any depth, exchanged, taken away or added. */
const mutated = fc
  .tuple(
    fc.constantFrom(...RECORDS),
    fc.nat(),
    fc.nat(3),
    fc.constantFrom(null, 5, -1, "x", [], {}, true, ["x"]),
  )
  .map(([record, at, how, value]) => {
    const copy: unknown = structuredClone(record);
    const places: [Record<string, unknown>, string][] = [];
    const visit = (node: unknown): void => {
      if (typeof node !== "object" || node === null) return;
      const fields = node as Record<string, unknown>;
      for (const key of Object.keys(fields)) {
        places.push([fields, key]);
        visit(fields[key]);
      }
    };
    visit(copy);
    const [fields, key] = places[at % places.length] ?? [{}, ""];
    if (how === 0) delete fields[key];
    else if (how === 1) fields.added = value;
    else fields[key] = value;
    // A log holds JSON: no holes in lists, no numbers that are none.
    return JSON.parse(JSON.stringify(copy)) as unknown;
  });

test("nothing is recognised that the schema would refuse or change", () => {
  fc.assert(
    fc.property(mutated, (line) => {
      const quick = plainRecord(line);
      if (quick === null) return;
      expect(RolloutRecordSchema.safeParse(line)).toEqual({ success: true, data: quick });
    }),
    { numRuns: 5000 },
  );
});
