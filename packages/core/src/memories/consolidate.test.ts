import { expect, test } from "vitest";
import { consolidationRequest, readConsolidation } from "./consolidate.ts";
import type { KnownMemory } from "./memories-text.ts";

const memory = (id: string, more: Partial<KnownMemory> = {}): KnownMemory => ({
  id,
  text: `Text of ${id}.`,
  scope: "project",
  provenance: "agent",
  threadId: "t",
  createdMs: 0,
  quote: null,
  ...more,
});
const memories = [
  memory("agent"),
  memory("agent2"),
  memory("user", { provenance: "user" }),
  memory("person", { threadId: null, provenance: "user" }),
  memory("global", { scope: "global", provenance: "user" }),
];
const drop = (...pairs: [string, string][]) =>
  readConsolidation(
    `Here: ${JSON.stringify({ drop: pairs.map(([id, because_of]) => ({ id, because_of })) })}`,
    memories,
  );

test("a memory goes only for one that stays, holds at least as widely and rests on as good a ground", () => {
  const needless = (id: string, becauseOf: string) => ({ id, becauseOf });
  expect(drop(["agent", "agent2"], ["user", "person"])).toEqual([
    needless("agent", "agent2"),
    needless("user", "person"),
  ]);
  expect(drop(["agent", "global"])).toEqual([needless("agent", "global")]);
  for (const refused of [
    drop(["user", "agent"]),
    drop(["person", "user"]),
    drop(["global", "user"]),
    drop(["agent", "nobody"]),
    drop(["nobody", "agent"]),
    drop(["agent", "agent"]),
    drop(["agent", "agent2"], ["agent2", "agent"]),
  ]) {
    expect(refused).toEqual([]);
  }
  expect(drop(["agent", "user"], ["agent", "agent2"])).toHaveLength(1);
});

test("what is no answer changes nothing; where nothing could go nobody is asked", () => {
  for (const answer of ["", "no", '{"drop":"all"}', '{"memories":[]}', "}{"]) {
    expect(readConsolidation(answer, memories)).toBeNull();
  }
  expect(consolidationRequest([memory("one")])).toBeNull();
  expect(consolidationRequest([memory("a", { threadId: null }), memory("b", { threadId: null })])).toBeNull();
  expect(consolidationRequest(memories)?.split("\n")).toHaveLength(6);
});
