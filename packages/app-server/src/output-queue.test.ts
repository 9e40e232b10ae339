import fc from "fast-check";
import { expect, test } from "vitest";
import { OutputQueue } from "./output-queue.ts";

/** A channel that takes a number of frames and then says that it is full. */
function channel() {
  const sent: string[] = [];
  let room = 0;
  return {
    sent,
    give: (frames: number) => {
      room = frames;
    },
    send(frame: string) {
      sent.push(frame);
      room -= 1;
      return room > 0;
    },
    close: () => undefined,
  };
}

function queue(limits: { softBytes: number; hardBytes: number }) {
  const out = channel();
  let hopeless = 0;
  const subject = new OutputQueue(out, {
    limits,
    onHopeless: () => {
      hopeless += 1;
    },
    laggedFrame: (threadId, dropped) => `lagged ${threadId} ${dropped}`,
  });
  return { out, subject, hopeless: () => hopeless };
}

const delta = (text: string) => ({ text, droppable: true, threadId: "t" });
const whole = (text: string) => ({ text, droppable: false, threadId: null });

test("a client that falls behind loses deltas, is told how many, and gets every whole frame in order", () => {
  const { out, subject, hopeless } = queue({ softBytes: 10, hardBytes: 1000 });
  out.give(1);
  for (const frame of [
    whole("a1"),
    delta("d1"),
    whole("a2"),
    delta("d2-long-long"),
    delta("d3"),
    whole("a3"),
  ]) {
    subject.push(frame);
  }
  out.give(100);
  subject.drained();
  subject.push(whole("a4"));
  expect(out.sent).toEqual(["a1", "lagged t 2", "a2", "d3", "a3", "a4"]);
  expect(hopeless()).toBe(0);
});

test("a client that reads nothing at all is given up once, and nothing is kept for it", () => {
  const { out, subject, hopeless } = queue({ softBytes: 10, hardBytes: 50 });
  out.give(1);
  for (let index = 0; index < 100; index++) subject.push(whole("0123456789"));
  out.give(100);
  subject.drained();
  expect([out.sent.length, hopeless()]).toEqual([1, 1]);
});

test("whatever comes and however the client reads: whole frames arrive once and in order, and the counts are right", () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constantFrom("delta" as const, "whole" as const),
      size: fc.integer({ min: 1, max: 20 }),
    }),
    fc.record({ kind: fc.constant("read" as const), size: fc.integer({ min: 1, max: 5 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { out, subject } = queue({ softBytes: 40, hardBytes: 1_000_000 });
      out.give(3);
      const counts = { delta: 0, whole: 0 };
      for (const { kind, size } of steps) {
        if (kind === "read") {
          out.give(size);
          subject.drained();
          continue;
        }
        counts[kind] += 1;
        subject.push((kind === "delta" ? delta : whole)(`${kind}${counts[kind]}`.padEnd(size, ".")));
      }
      out.give(1_000_000);
      subject.drained();
      const wholes = out.sent.filter((frame) => frame.startsWith("whole"));
      expect(wholes.map((frame) => Number.parseInt(frame.slice(5), 10))).toEqual(
        Array.from({ length: counts.whole }, (_, index) => index + 1),
      );
      const deltas = out.sent.filter((frame) => frame.startsWith("delta")).length;
      const dropped = out.sent.flatMap((frame) =>
        frame.startsWith("lagged") ? [Number(frame.split(" ")[2])] : [],
      );
      expect(deltas + dropped.reduce((sum, count) => sum + count, 0)).toBe(counts.delta);
    }),
  );
});

test("who can wait is told when the client has read everything, or is gone", async () => {
  const { out, subject } = queue({ softBytes: 1000, hardBytes: 2000 });
  out.give(1);
  subject.push(whole("a"));
  expect(subject.room()).toBe(null);
  subject.push(whole("b"));
  const order: string[] = [];
  void subject.room()?.then(() => order.push("room"));
  await Promise.resolve();
  order.push("read");
  out.give(10);
  subject.drained();
  await Promise.resolve();
  subject.push(whole("c"));
  expect([order, subject.room()]).toEqual([["read", "room"], null]);
  out.give(1);
  subject.push(whole("d"));
  const gone = subject.room();
  subject.end();
  await gone;
});
