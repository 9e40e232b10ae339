import { expect, test } from "vitest";
import { mcpToolSpec } from "./tool-spec.ts";

test("a description is cut between characters and shows what it would hide", () => {
  const spec = mcpToolSpec("t", { description: `a\u202eb\u001b[2J${"é".repeat(2000)}`, inputSchema: {} });
  expect(spec.description.startsWith("a<U+202E>b␛[2Jé")).toBe(true);
  expect(Buffer.byteLength(spec.description)).toBeLessThanOrEqual(1000);
  expect(spec.description.endsWith("é…")).toBe(true);
});

test("a schema passes as it is, its words made visible, names and values untouched", () => {
  const inputSchema = {
    type: "object",
    properties: {
      "na\u200bme": { type: "string", description: "hid\u200bden", enum: ["a\u200b"] },
      __proto__x: { anyOf: [{ type: "number", title: "t\u200b" }, { type: "null" }] },
    },
    required: ["na\u200bme"],
  };
  expect(mcpToolSpec("t", { description: "", inputSchema }).parameters).toEqual({
    type: "object",
    properties: {
      "na\u200bme": { type: "string", description: "hid<U+200B>den", enum: ["a\u200b"] },
      __proto__x: { anyOf: [{ type: "number", title: "t<U+200B>" }, { type: "null" }] },
    },
    required: ["na\u200bme"],
  });
});

test("a property may be called __proto__ or description", () => {
  const inputSchema = JSON.parse(
    '{"properties":{"__proto__":{"type":"string"},"description":{"type":"string"}}}',
  );
  const { parameters } = mcpToolSpec("t", { description: "", inputSchema });
  expect(JSON.stringify(parameters)).toBe(
    '{"properties":{"__proto__":{"type":"string"},"description":{"type":"string"}},"type":"object"}',
  );
});

test("a schema that is too large or too deep gives way to an open one, and the model is told", () => {
  const large = { type: "object", properties: { a: { enum: ["x".repeat(20_000)] } } };
  let deep: Record<string, unknown> = {};
  for (let level = 0; level < 10_000; level++) deep = { items: deep };
  for (const inputSchema of [large, deep]) {
    expect(mcpToolSpec("t", { description: "Does it.", inputSchema })).toEqual({
      kind: "function",
      name: "t",
      description: "Does it.\nIts parameters are too large to be shown; ask for them through its errors.",
      parameters: { type: "object", properties: {}, additionalProperties: true },
    });
  }
});
