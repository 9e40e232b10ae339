import fc from "fast-check";
import { expect, test } from "vitest";
import { type DiffRun, diffLines } from "./line-diff.ts";

const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 30 });

function rebuild(a: readonly string[], b: readonly string[], runs: readonly DiffRun[]): string[] {
  const out: string[] = [];
  let at = 0;
  for (const run of runs) {
    out.push(...a.slice(at, run.aStart), ...b.slice(run.bStart, run.bEnd));
    at = run.aEnd;
  }
  return [...out, ...a.slice(at)];
}

function cost(runs: readonly DiffRun[]): number {
  return runs.reduce((sum, run) => sum + run.aEnd - run.aStart + run.bEnd - run.bStart, 0);
}

function leastCost(a: readonly string[], b: readonly string[]): number {
  let previous = b.map((_, index) => index + 1);
  previous.unshift(0);
  for (const [i, lineA] of a.entries()) {
    const row = [i + 1];
    for (const [j, lineB] of b.entries()) {
      const change = Math.min(previous[j + 1] ?? 0, row[j] ?? 0) + 1;
      row.push(lineA === lineB ? (previous[j] ?? 0) : change);
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

test("the runs turn one text into the other with the fewest lines", () => {
  fc.assert(
    fc.property(lines, lines, (a, b) => {
      const runs = diffLines(a, b);
      expect(rebuild(a, b, runs)).toEqual(b);
      expect(cost(runs)).toBe(leastCost(a, b));
    }),
    { numRuns: 500 },
  );
});

test("a bounded search is still correct", () => {
  fc.assert(
    fc.property(lines, lines, fc.integer({ min: 1, max: 4 }), (a, b, maxCost) => {
      expect(rebuild(a, b, diffLines(a, b, { maxCost }))).toEqual(b);
    }),
    { numRuns: 500 },
  );
});

test("two big texts without order end soon and are correct", () => {
  const big = (step: number): string[] => Array.from({ length: 30_000 }, (_, n) => String((n * step) % 97));
  const [a, b] = [big(31), big(57)];
  expect(rebuild(a, b, diffLines(a, b))).toEqual(b);
});
