import * as fc from "fast-check";
import { expect, test } from "vitest";
import { toolContext } from "../../test/tool-context.ts";
import type { Tool } from "../tool.ts";
import { rankTexts } from "./tool-ranking.ts";
import { createToolSearch, type DeferredTool } from "./tool-search.ts";

const context = toolContext();

function deferred(name: string, description: string): DeferredTool {
  const spec = {
    kind: "function" as const,
    name: `mcp__tracker__${name}`,
    description,
    parameters: { type: "object", properties: { assignee: { type: "string" } } },
  };
  const tool: Tool = {
    spec,
    parallel: false,
    prepare: ({ input }) => ({ kind: "invalid", code: "tool_failed", message: `${name} got ${input}` }),
  };
  return { server: "tracker", spec, tool };
}

const TOOLS = [
  deferred("create_issue", "Opens a ticket"),
  deferred("closeIssue", "Closes a ticket"),
  deferred("list_labels", "Labels of the project"),
];

async function call(name: string, args: object): Promise<unknown> {
  const tool = createToolSearch(TOOLS).find(({ spec }) => spec.name === name);
  const prepared = await tool?.prepare(
    { callId: "c", input: JSON.stringify(args), form: "function" },
    context,
  );
  return prepared?.kind === "ready" ? (await prepared.run({ sandbox: "session" })).output : prepared;
}

test("tools are found by words of their names, descriptions and parameters, best first", async () => {
  const found = async (query: string, limit?: number) =>
    String(await call("tool_search", { query, ...(limit === undefined ? {} : { limit }) }))
      .split("\n")
      .map((line) => JSON.parse(line).name.replace("mcp__tracker__", ""));
  expect(await found("create issues")).toEqual(["create_issue", "closeIssue"]);
  expect(await found("close issue", 1)).toEqual(["closeIssue"]);
  expect(await found("label")).toEqual(["list_labels"]);
  expect(await call("tool_search", { query: "weather" })).toBe(
    "No tool fits these words. There are tools of tracker (3); try other words.",
  );
});

test("a call through mcp_call is the tool's own, arguments as an object or as text; an unknown name is said", async () => {
  const message = 'create_issue got {"assignee":"me"}';
  const invalid = { kind: "invalid", code: "tool_failed", message };
  const tool = "mcp__tracker__create_issue";
  expect(await call("mcp_call", { tool, arguments: { assignee: "me" } })).toEqual(invalid);
  expect(await call("mcp_call", { tool, arguments: '{"assignee":"me"}' })).toEqual(invalid);
  expect(await call("mcp_call", { tool: "exec_command", arguments: {} })).toMatchObject({
    code: "tool_unknown",
  });
});

test("whatever is searched for in whatever texts, what is found holds a word of it, once each", () => {
  const property = fc.property(
    fc.array(fc.string()),
    fc.string(),
    fc.integer({ min: 1, max: 5 }),
    (texts, query, limit) => {
      const found = rankTexts(texts).find(query, limit);
      expect(new Set(found).size).toBe(found.length);
      expect(found.length).toBeLessThanOrEqual(limit);
      const letters = new Set(query.toLowerCase());
      const shares = (at: number) =>
        [...(texts[at] ?? "").toLowerCase()].some((letter) => letters.has(letter));
      expect(found.every(shares)).toBe(true);
    },
  );
  return fc.assert(property);
});
