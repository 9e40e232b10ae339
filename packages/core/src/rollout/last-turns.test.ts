import type { RolloutRecord } from "@quire/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readLastTurns } from "./last-turns.ts";
import { readTurns } from "./recorded-turns.ts";
import { parseRollout } from "./rollout-reader.ts";

const TRAP = '{"timestamp":"","ordinal":1,"type":"event_msg","payload":{"type":"task_started"';

function recordsOf(step: "turn" | "unfinished" | "revert", index: number): RolloutRecord[] {
  const turn_id = `u${index}`;
  const begun: RolloutRecord[] = [
    { type: "event_msg", payload: { type: "task_started", turn_id, started_at: index } },
    {
      type: "event_msg",
      payload: {
        type: "item_completed",
        turn_id,
        item: { type: "agentMessage", id: `i${index}`, text: `${TRAP} ${index}` },
      },
    },
    // Of the turn before: a command that goes on in the background ends later.
    {
      type: "event_msg",
      payload: {
        type: "item_completed",
        turn_id: `u${index - 1}`,
        item: { type: "warning", id: `w${index}`, code: "late", message: "late" },
      },
    },
  ];
  if (step === "unfinished") return begun;
  if (step === "revert")
    return [
      {
        type: "event_msg",
        payload: { type: "thread_reverted", before_turn_id: `u${Math.max(0, index - 3)}` },
      },
    ];
  return [
    ...begun,
    {
      type: "event_msg",
      payload: {
        type: "task_complete",
        turn_id,
        last_agent_message: TRAP,
        completed_at: index,
        duration_ms: 5,
      },
    },
  ];
}

test("the last turns, read from the end, are the last of all turns", () => {
  const step = fc.constantFrom(
    "turn" as const,
    "turn" as const,
    "turn" as const,
    "unfinished" as const,
    "revert" as const,
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.integer({ min: 1, max: 6 }), (steps, count) => {
      const lines = steps
        .flatMap(recordsOf)
        .map(
          (record, ordinal) =>
            `${JSON.stringify({ timestamp: "2026-01-01T00:00:00Z", ordinal, ...record })}\n`,
        );
      const data = Buffer.from(lines.join(""));
      const all = readTurns(parseRollout(data).records).filter(({ startedAtMs }) => startedAtMs !== null);
      const last = readLastTurns(data, count).filter(({ startedAtMs }) => startedAtMs !== null);
      expect(last.length).toBeGreaterThanOrEqual(Math.min(count, all.length));
      expect(last).toEqual(all.slice(all.length - last.length));
    }),
    { numRuns: 300 },
  );
});
