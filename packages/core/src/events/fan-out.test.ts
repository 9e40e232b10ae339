import type { ThreadEvent } from "@quire/protocol";
import { expect, test } from "vitest";
import { createFanOut } from "./fan-out.ts";

const threadId = "t";
const delta = (text: string): ThreadEvent => ({
  method: "item/agentMessage/delta",
  params: { threadId, turnId: "u", itemId: "i", delta: text },
});
const stalled = (idleMs: number): ThreadEvent => ({
  method: "turn/stalled",
  params: { threadId, turnId: "u", idleMs },
});

async function drain(reader: AsyncIterable<ThreadEvent>): Promise<ThreadEvent[]> {
  const events: ThreadEvent[] = [];
  for await (const event of reader) events.push(event);
  return events;
}

test("every reader gets every event in order, from when it subscribed until the end", async () => {
  const fanOut = createFanOut(threadId);
  const early = fanOut.subscribe();
  fanOut.publish(stalled(1));
  const late = fanOut.subscribe();
  fanOut.publish(delta("a"));
  fanOut.publish(stalled(2));
  fanOut.close();
  expect(await drain(early)).toEqual([stalled(1), delta("a"), stalled(2)]);
  expect(await drain(late)).toEqual([delta("a"), stalled(2)]);
  expect(await drain(fanOut.subscribe())).toEqual([]);
});

test("a reader that wants no deltas gets none", async () => {
  const fanOut = createFanOut(threadId);
  const reader = fanOut.subscribe({ deltas: false });
  fanOut.publish(delta("a"));
  fanOut.publish(stalled(1));
  fanOut.close();
  expect(await drain(reader)).toEqual([stalled(1)]);
});

test("a slow reader loses deltas first and is told how many, in its place", async () => {
  const fanOut = createFanOut(threadId);
  const reader = fanOut.subscribe({ capacity: 4 });
  fanOut.publish(stalled(1));
  for (let i = 0; i < 7; i++) fanOut.publish(delta(String(i)));
  fanOut.publish(stalled(2));
  fanOut.close();
  const events = await drain(reader);
  expect(events[0]).toEqual({ method: "stream/lagged", params: { threadId, dropped: 6 } });
  expect(events.filter((event) => event.method === "turn/stalled")).toEqual([stalled(1), stalled(2)]);
});

test("a reader that never reads costs a bounded amount, and only itself", async () => {
  const fanOut = createFanOut(threadId);
  const stuck = fanOut.subscribe({ capacity: 8 });
  const quick = fanOut.subscribe({ capacity: 100_000 });
  for (let i = 0; i < 10_000; i++) fanOut.publish(stalled(i));
  fanOut.close();
  const seen = await drain(stuck);
  expect(seen.length).toBeLessThanOrEqual(9);
  expect(seen.at(-1)).toEqual(stalled(9999));
  expect(await drain(quick)).toHaveLength(10_000);
});

test("leaving the loop ends the subscription", async () => {
  const fanOut = createFanOut(threadId);
  const reader = fanOut.subscribe();
  fanOut.publish(stalled(1));
  for await (const _event of reader) break;
  fanOut.publish(stalled(2));
  expect(await drain(reader)).toEqual([]);
});
