import type { RolloutRecord, ThreadItem, TurnContextRecord } from "@quire/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyDigest } from "../compaction/thread-digest.ts";
import { replayRollout } from "./replay.ts";
import { readForResume } from "./resume-reader.ts";
import { parseRollout } from "./rollout-reader.ts";

const TRAP = '"type":"compacted","payload":{"message":"no"}}';
const usage = (tokens: number) => ({
  input_tokens: tokens,
  cached_input_tokens: 0,
  cache_write_input_tokens: 0,
  output_tokens: 0,
  reasoning_output_tokens: 0,
});

/** A log as a thread writes it: turns with words and costs, compacted and taken back now and then. */
function logOf(steps: readonly ("turn" | "compact" | "compactOld" | "revert")[]): string {
  const records: RolloutRecord[] = [
    {
      type: "session_meta",
      payload: {
        id: "t",
        timestamp: "",
        cwd: "/",
        originator: "q",
        cli_version: "0",
        source: "exec",
        model_provider: "m",
        base_instructions: { text: TRAP },
      },
    },
  ];
  for (const [index, step] of steps.entries()) {
    const turn_id = `u${index}`;
    const said = (text: string): RolloutRecord => ({
      type: "response_item",
      payload: { type: "message", role: "user", content: [{ type: "input_text", text }] },
    });
    if (step === "revert") {
      records.push({
        type: "event_msg",
        payload: { type: "thread_reverted", before_turn_id: `u${Math.floor(index / 2)}` },
      });
      continue;
    }
    const state = replayRollout(records);
    records.push({ type: "event_msg", payload: { type: "task_started", turn_id, started_at: 1 } });
    if (step === "turn") {
      const total = usage(state.usage.input_tokens + 5);
      const model = `m${index}`;
      const head = { turn_id, model, model_provider: "m", instructions: null, parallel_tool_calls: true };
      const done = (item: ThreadItem): RolloutRecord => ({
        type: "event_msg",
        payload: { type: "item_completed", turn_id, item },
      });
      const text = `${index} ${TRAP}`;
      records.push(
        { type: "turn_context", payload: contextOf(turn_id, model) },
        { type: "request_head", payload: { ...head, tools: [] } },
        done({ type: "userMessage", id: `s${index}`, content: [{ type: "text", text }] }),
        done({
          type: "todoList",
          id: `p${index}`,
          explanation: null,
          steps: [{ step: text, status: "pending" }],
        }),
        done({ type: "agentMessage", id: `a${index}`, text }),
      );
      records.push(said(`${TRAP} ${index}`), {
        type: "token_usage_record",
        payload: {
          turn_id,
          response_id: null,
          model: "m",
          usage: usage(5),
          thread_token_usage: total,
          cost: null,
        },
      });
    } else {
      const replacement_history = [said(`summary ${index}`).payload];
      const checkpoint = {
        usage: state.usage,
        cost: state.cost,
        plan: state.plan,
        turn_context: state.lastTurnContext,
        open_turn_id: turn_id,
        digest: { ...emptyDigest(), requestsLeftOut: index },
      };
      records.push({
        type: "compacted",
        payload: {
          message: "m",
          replacement_history: replacement_history as never,
          ...(step === "compact" ? { checkpoint } : {}),
        },
      });
    }
    records.push({
      type: "event_msg",
      payload: { type: "task_complete", turn_id, last_agent_message: null, completed_at: 1, duration_ms: 1 },
    });
  }
  const line = (record: RolloutRecord, ordinal: number) =>
    JSON.stringify({ timestamp: "2026-01-01T00:00:00.000Z", ordinal, ...record });
  return `${records.map(line).join("\n")}\n`;
}

test("what a resume makes of a log is what all of it amounts to, wherever it was compacted, reverted or cut off", () => {
  const step = fc.constantFrom("turn", "turn", "compact", "compactOld", "revert" as const);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.nat(400), (steps, cut) => {
      const text = logOf(steps as Parameters<typeof logOf>[0]);
      const data = Buffer.from(text).subarray(0, Math.max(1, text.length - cut));
      const whole = parseRollout(data);
      const read = readForResume(data);
      const all = replayRollout(whole.records);
      const resumed = replayRollout(read.records);
      // A checkpoint does not hold it: after one it is written anew with the next request.
      expect([all.requestHead, null]).toContainEqual(resumed.requestHead);
      if (!steps.includes("compact")) expect(resumed.requestHead).toEqual(all.requestHead);
      expect({ ...resumed, requestHead: null }).toEqual({ ...all, requestHead: null });
      expect({ ...read, records: [] }).toEqual({ ...whole, records: [] });
    }),
    { numRuns: 300 },
  );
});

const contextOf = (turn_id: string, model: string): TurnContextRecord => ({
  turn_id,
  cwd: "/",
  model,
  approval_policy: "never",
  sandbox_policy: { type: "read-only" },
});

test("without a checkpoint, what later lines say anew is not read", () => {
  const kinds = (log: string) =>
    readForResume(Buffer.from(log)).records.map((record) =>
      record.type === "event_msg" ? record.payload.type : record.type,
    );
  // Of the items only the plan is read; of what tells where a turn is, only the very last.
  const turn = ["item_completed", "response_item", "token_usage_record"];
  expect(kinds(logOf(["turn", "turn"]))).toEqual([
    ...["session_meta", ...turn],
    ...["turn_context", "request_head", ...turn, "task_complete"],
  ]);
  // A broken line may be one that would have counted.
  const log = logOf(["turn", "turn"]);
  const broken = log.replace(/\}\n$/, "\n");
  expect(kinds(broken).filter((kind) => kind === "request_head")).toHaveLength(2);
});

test("lines before the checkpoint are not read", () => {
  const text = logOf(["turn", "turn", "compact", "turn"]);
  expect(readForResume(Buffer.from(text)).records.length).toBeLessThan(
    parseRollout(Buffer.from(text)).records.length - 5,
  );
});
