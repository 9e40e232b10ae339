import { expect, test } from "vitest";
import { watchSilence } from "./silence-watch.ts";

/** A clock that moves only when told to, firing timers on the way. */
function handClock() {
  let now = 0;
  const timers = new Map<() => void, number>();
  return {
    monotonicMs: () => now,
    setTimer(callback: () => void, ms: number) {
      timers.set(callback, now + ms);
      return () => timers.delete(callback);
    },
    get pending() {
      return timers.size;
    },
    advance(ms: number) {
      const until = now + ms;
      for (;;) {
        const next = [...timers].filter(([, due]) => due <= until).sort((a, b) => a[1] - b[1])[0];
        if (next === undefined) break;
        now = next[1];
        timers.delete(next[0]);
        next[0]();
      }
      now = until;
    },
  };
}

function watched() {
  const clock = handClock();
  const told: string[] = [];
  const watch = watchSilence({ stallNoticeMs: 10_000, idleTimeoutMs: 35_000 }, clock, {
    stall: (ms) => told.push(`stalled ${ms}`),
    idle: (ms) => told.push(`idle ${ms}`),
  });
  return { clock, told, watch };
}

test("silence is told of every ten seconds, and ends in idle once", () => {
  const { clock, told } = watched();
  clock.advance(60_000);
  expect(told).toEqual(["stalled 10000", "stalled 20000", "stalled 30000", "idle 35000"]);
  expect(clock.pending).toBe(0);
});

test("where a late timer finds both due, people are told before it is given up", () => {
  const { clock, told } = watched();
  const late = clock.monotonicMs;
  clock.monotonicMs = () => late() + 50_000;
  clock.advance(10_000);
  expect(told).toEqual(["stalled 60000", "idle 60000"]);
  expect(clock.pending).toBe(0);
});

test("every touch starts the count anew", () => {
  const { clock, told, watch } = watched();
  for (let n = 0; n < 100; n++) {
    clock.advance(9_000);
    watch.touch();
  }
  expect(told).toEqual([]);
  clock.advance(10_000);
  expect(told).toEqual(["stalled 10000"]);
});

test("a stopped watch leaves no timer", () => {
  const { clock, told, watch } = watched();
  watch.stop();
  watch.stop();
  expect(clock.pending).toBe(0);
  clock.advance(60_000);
  expect(told).toEqual([]);
});
