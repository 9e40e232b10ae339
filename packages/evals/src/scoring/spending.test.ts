import { expect, test } from "vitest";
import { spendingByTag, tokenDeciles } from "./spending.ts";

const usage = (tokens: number) => ({
  input_tokens: tokens - 1,
  cached_input_tokens: 0,
  cache_write_input_tokens: 0,
  output_tokens: 1,
  reasoning_output_tokens: 0,
});

test("each kind of work has its sums; one price that is not known makes the sum unknown", () => {
  const rows = [
    { passed: true, usage: usage(10), usd: 0.5, seconds: 1, tags: ["lint", "debug"] },
    { passed: false, usage: usage(20), usd: null, seconds: 2, tags: ["debug"] },
    { passed: true, usage: null, usd: 0.25, seconds: 3 },
  ];
  expect(spendingByTag(rows)).toEqual([
    { tag: "debug", tasks: 2, passed: 1, tokens: 30, usd: null, seconds: 3 },
    { tag: "lint", tasks: 1, passed: 1, tokens: 10, usd: 0.5, seconds: 1 },
  ]);
});

test("tenths of the rows by their tokens, smallest first", () => {
  const rows = Array.from({ length: 25 }, (_, index) => ({ usage: usage(100 - index) }));
  expect(tokenDeciles(rows)).toEqual([77, 80, 82, 85, 87, 90, 92, 95, 97, 100]);
  expect(tokenDeciles([...rows.slice(0, 9), { usage: null }])).toBeNull();
});
