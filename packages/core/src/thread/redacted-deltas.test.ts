import type { ThreadEvent } from "@quire/protocol";
import { expect, test } from "vitest";
import { createRedactor } from "../redaction/redactor.ts";
import { type DeltaEvent, isDelta, RedactedDeltas } from "./redacted-deltas.ts";

const SECRET = "a-secret-that-is-known";
const deltas = () => new RedactedDeltas(createRedactor({ values: [{ name: "KEY", value: SECRET }] }));

function text(itemId: string, delta: string): DeltaEvent {
  return { method: "item/agentMessage/delta", params: { threadId: "t", turnId: "u", itemId, delta } };
}

function reasoning(itemId: string, summaryIndex: number, delta: string): DeltaEvent {
  const params = { threadId: "t", turnId: "u", itemId, delta, summaryIndex };
  return { method: "item/reasoning/summaryTextDelta", params };
}

test("a secret in single characters never shows, and what follows it does", () => {
  const open = deltas();
  const shown = [...`say ${SECRET}, done`].flatMap((character) => open.push(text("a", character)) ?? []);
  shown.push(...open.end("a"));
  expect(shown.map(({ params }) => params.delta).join("")).toBe("say [redacted:KEY], done");
  expect(shown.every(({ method }) => method === "item/agentMessage/delta")).toBe(true);
});

test("texts that are streamed beside each other do not mix", () => {
  const open = deltas();
  const half = SECRET.slice(0, 9);
  expect(open.push(text("a", half))).toBeNull();
  expect(open.push(text("b", SECRET.slice(9)))?.params.delta).toBe(SECRET.slice(9));
  expect(open.push(reasoning("a", 0, half))).toBeNull();
  expect(open.push(reasoning("a", 1, "and"))?.params.delta).toBe("and");
  expect(open.end("a").map(({ params }) => params.delta)).toEqual([half, half]);
  expect(open.end("a")).toEqual([]);
});

test("a text that is voided leaves nothing behind for the next one of the same item", () => {
  const open = deltas();
  open.push(text("a", SECRET.slice(0, 9)));
  open.clear();
  expect(open.push(text("a", "anew"))?.params.delta).toBe("anew");
});

test("only events with a piece of text are deltas", () => {
  const plain: ThreadEvent = { method: "turn/stalled", params: { threadId: "t", turnId: "u", idleMs: 1 } };
  expect([isDelta(plain), isDelta(text("a", "x"))]).toEqual([false, true]);
});
