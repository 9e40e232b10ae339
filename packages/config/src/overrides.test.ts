import { expect, test } from "vitest";
import { flagsTable, parseOverrides } from "./overrides.ts";

test.each<[string, unknown]>([
  ["model=gpt-5", { model: "gpt-5" }],
  ['model="gpt-5"', { model: "gpt-5" }],
  ["model='gpt-5'", { model: "gpt-5" }],
  ["model=", { model: "" }],
  ["model=a=b", { model: "a=b" }],
  ["flag=true", { flag: true }],
  ["flag=truely", { flag: "truely" }],
  ["n=5", { n: 5 }],
  ["n=5.5", { n: 5.5 }],
  ["n=1.2.3", { n: "1.2.3" }],
  ['list=["a", "b"]', { list: ["a", "b"] }],
  ["list=[not toml", { list: "[not toml" }],
  ["table={ a = 1 }", { table: { a: 1 } }],
  ["a.b.c=1", { a: { b: { c: 1 } } }],
  [
    'projects."/home/me/a.b".trust_level=trusted',
    { projects: { "/home/me/a.b": { trust_level: "trusted" } } },
  ],
  ["a.'x=y'.b=1", { a: { "x=y": { b: 1 } } }],
  [" spaced . key = 1 ", { spaced: { key: 1 } }],
  ["model=1\nevil=2", { model: "1\nevil=2" }],
])("%s", async (override, table) => {
  expect(await parseOverrides([override])).toEqual(table);
});

test("a later override wins and joins tables", async () => {
  expect(await parseOverrides(["a.x=1", "a.y=2", "a.x=3", "b=1", "b.c=2"])).toEqual({
    a: { x: 3, y: 2 },
    b: { c: 2 },
  });
});

test.each([
  "",
  "=1",
  "model",
  "a..b=1",
  "a.=1",
  '"open=1',
  "__proto__.polluted=true",
  "a.__proto__.polluted=1",
])("%j is refused with its reason", async (override) => {
  await expect(parseOverrides([override])).rejects.toMatchObject({
    code: "usage_invalid",
    info: { next_step: expect.stringContaining("-c") },
  });
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
});

test("flags that are undefined are left out", () => {
  expect(flagsTable({ model: undefined, tools: { view_image: false, web_search: undefined } })).toEqual({
    tools: { view_image: false },
  });
});
