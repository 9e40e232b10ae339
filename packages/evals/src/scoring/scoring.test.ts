import fc from "fast-check";
import { expect, test } from "vitest";
import { bootstrapInterval } from "./bootstrap.ts";
import { compareRuns } from "./compare.ts";
import { mcnemarExact } from "./mcnemar.ts";
import { passAtK } from "./pass-at-k.ts";
import { score } from "./score.ts";

function choose(n: number, k: number): bigint {
  let value = 1n;
  for (let i = 0; i < k; i++) value = (value * BigInt(n - i)) / BigInt(i + 1);
  return k > n ? 0n : value;
}

/** 1 - C(n-c, k) / C(n, k) with 30 digits before it becomes a number. */
function exact(n: number, c: number, k: number): number {
  const scale = 10n ** 30n;
  const all = choose(n, k);
  return Number(((all - choose(n - c, k)) * scale) / all) / 1e30;
}

test("pass@k equals the exact quotient for every n up to 60, every c and k", () => {
  let worst = 0;
  for (let n = 1; n <= 60; n++)
    for (let c = 0; c <= n; c++)
      for (let k = 1; k <= n; k++) worst = Math.max(worst, Math.abs(passAtK({ n, c }, k) - exact(n, c, k)));
  expect(worst).toBeLessThan(1e-13);
});

test("pass@k neither overflows nor leaves [0, 1], and grows with k and with c", () => {
  const numbers = fc.integer({ min: 1, max: 5000 }).chain((n) =>
    fc.record({
      n: fc.constant(n),
      c: fc.integer({ min: 0, max: n }),
      k: fc.integer({ min: 1, max: n }),
    }),
  );
  fc.assert(
    fc.property(numbers, ({ n, c, k }) => {
      const value = passAtK({ n, c }, k);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
      if (k < n) expect(passAtK({ n, c }, k + 1)).toBeGreaterThanOrEqual(value - 1e-12);
      if (c < n) expect(passAtK({ n, c: c + 1 }, k)).toBeGreaterThanOrEqual(value - 1e-12);
    }),
  );
});

test("too few samples estimate nothing", () => {
  expect(passAtK({ n: 3, c: 1 }, 4)).toBeNaN();
  expect(passAtK({ n: 3, c: 1 }, 0)).toBeNaN();
  const rows = [{ task_id: "a", passed: true }];
  expect(score(rows, 1, [1, 10]).estimates).toEqual([{ k: 1, value: 1, interval: null }]);
});

test("McNemar's exact test", () => {
  expect(mcnemarExact(0, 0)).toBe(1);
  expect(mcnemarExact(5, 5)).toBe(1);
  expect(mcnemarExact(6, 0)).toBeCloseTo(2 / 64, 12);
  expect(mcnemarExact(1, 9)).toBeCloseTo((2 * 11) / 1024, 12);
  expect(mcnemarExact(300, 900)).toBeLessThan(1e-60);
});

test("an interval is the same every time and holds the mean", () => {
  const values = Array.from({ length: 50 }, (_, i) => (i % 3 === 0 ? 1 : 0));
  const interval = bootstrapInterval(values);
  expect(interval).toEqual(bootstrapInterval(values));
  expect(interval?.low).toBeLessThan(0.34);
  expect(interval?.high).toBeGreaterThan(0.34);
  expect(bootstrapInterval([1])).toBeUndefined();
});

test("two runs are compared over the problems that both have", () => {
  const rows = (...passed: string[]) =>
    ["a", "b", "c", "d"].map((task_id) => ({ task_id, passed: passed.includes(task_id) }));
  expect(compareRuns(rows("a"), [...rows("a", "b", "c"), { task_id: "e", passed: true }])).toEqual({
    problems: 4,
    a: 0.25,
    b: 0.75,
    difference: 0.5,
    interval: expect.objectContaining({ high: 1 }),
    onlyA: [],
    onlyB: ["b", "c"],
    pValue: 0.5,
    missingInA: ["e"],
    missingInB: [],
  });
});

test("failures are counted by reason", () => {
  const rows = [
    { task_id: "a", passed: false, failure: "timed out" },
    { task_id: "b", passed: false, failure: "AssertionError" },
    { task_id: "c", passed: false, failure: "AssertionError" },
    { task_id: "d", passed: true },
  ];
  expect(score(rows, 5, [1])).toMatchObject({
    problems: 5,
    attempted: 4,
    samples: 4,
    passed: 1,
    failures: [
      { reason: "AssertionError", count: 2 },
      { reason: "timed out", count: 1 },
    ],
  });
});
