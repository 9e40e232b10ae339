import fc from "fast-check";
import { expect, test } from "vitest";
import { modelNames } from "./tool-names.ts";

test("names are plain where they can be", () => {
  expect(
    modelNames([
      { server: "docs", name: "search" },
      { server: "my.server", name: "read file" },
    ]),
  ).toEqual(["mcp__docs__search", "mcp__my_server__read_file"]);
});

test("a tool cannot take another's name: the one with the true name keeps it", () => {
  const names = modelNames([
    { server: "docs", name: "read.file" },
    { server: "docs", name: "read_file" },
  ]);
  expect(names).toEqual([
    expect.stringMatching(/^mcp__docs__read_file_[0-9a-f]{8}$/),
    "mcp__docs__read_file",
  ]);
  const twice = modelNames([
    { server: "a", name: "b__c" },
    { server: "a__b", name: "c" },
  ]);
  expect(new Set(twice).size).toBe(2);
});

test("names are always distinct, short enough and of the characters that endpoints take", () => {
  const part = fc.oneof(fc.string({ maxLength: 80 }), fc.stringMatching(/^[a_.]{0,4}$/));
  const tool = fc.record({ server: part, name: part });
  const distinct = fc.uniqueArray(tool, { selector: ({ server, name }) => JSON.stringify([server, name]) });
  fc.assert(
    fc.property(distinct, (tools) => {
      const names = modelNames(tools);
      expect(new Set(names).size).toBe(tools.length);
      for (const name of names) expect(name).toMatch(/^mcp__[A-Za-z0-9_-]{0,59}$/);
    }),
  );
});
