import type { McpCallOutcome, McpTool } from "@quire/mcp";
import { expect, test } from "vitest";
import { toolContext } from "../test/tool-context.ts";
import { createMcpTools } from "./mcp-tool.ts";

const TOOL: McpTool = {
  server: "docs",
  name: "search",
  description: "Finds",
  inputSchema: {},
  readOnly: false,
};

function toolsOver(listed: readonly McpTool[], outcome: McpCallOutcome) {
  const calls: unknown[] = [];
  const set = createMcpTools({
    servers: {
      list: () => listed,
      call: async (server, tool, args) => {
        calls.push([server, tool, args]);
        return outcome;
      },
    },
    approvalOf: (_server, tool) => (tool === "search" ? "prompt" : "auto"),
    isParallel: () => false,
  });
  return { ...set, calls };
}

let now = 0;
const context = toolContext({ monotonicMs: () => (now += 250) });

async function prepare(input: string, outcome: McpCallOutcome) {
  const { tools, calls } = toolsOver([TOOL], outcome);
  const prepared = await tools[0]?.prepare({ callId: "c1", input, form: "function" }, context);
  if (prepared?.kind !== "ready") throw new Error(`not ready: ${prepared?.message}`);
  return { prepared, calls };
}

test("a call states its effect, runs with the model's arguments and becomes an item", async () => {
  const { prepared, calls } = await prepare('{"q":"x"}', {
    kind: "result",
    content: [{ type: "text", text: "found" }],
    structuredContent: undefined,
    isError: false,
  });
  expect(prepared.effects).toEqual([
    { kind: "mcp", server: "docs", tool: "search", readOnly: false, approval: "prompt", input: '{"q":"x"}' },
  ]);
  expect(await prepared.run({ sandbox: "session" })).toEqual({
    item: {
      type: "mcpToolCall",
      id: "c1",
      server: "docs",
      tool: "search",
      arguments: { q: "x" },
      status: "completed",
      result: { content: [{ type: "text", text: "found" }], structuredContent: null },
      error: null,
      durationMs: 250,
    },
    output: "Wall time: 0.3 seconds\nOutput:\nfound",
    success: true,
  });
  expect(calls).toEqual([["docs", "search", { q: "x" }]]);
});

test.each([
  ["timed_out", "mcp_call_timed_out"],
  ["server_ended", "mcp_server_failed"],
  ["not_ready", "mcp_server_failed"],
  ["bad_answer", "mcp_server_failed"],
  ["rejected", "tool_failed"],
  ["interrupted", "interrupted"],
] as const)("a call that fails (%s) has the code %s and the server's words", async (reason, code) => {
  const { prepared } = await prepare("", { kind: "failed", reason, message: "why" });
  const ended = await prepared.run({ sandbox: "session" });
  expect(ended).toMatchObject({
    item: { status: "failed", result: null, error: { code, message: "why" } },
    output: "why",
    success: false,
  });
});

test.each(["[1]", "not json", "7", `"${"x".repeat(2 ** 20)}"`])(
  "arguments that are no object are refused",
  async (input) => {
    const { tools, calls } = toolsOver([TOOL], { kind: "failed", reason: "rejected", message: "" });
    expect(await tools[0]?.prepare({ callId: "c", input, form: "function" }, context)).toMatchObject({
      kind: "invalid",
      code: "tool_bad_arguments",
    });
    expect(calls).toEqual([]);
  },
);

test("tools are sorted by name; a server whose tools would take too much waits behind the search, another does not", () => {
  const wide = Array.from({ length: 100 }, (_, at) => ({
    ...TOOL,
    server: "wide",
    name: `t${at}`,
    description: "d".repeat(990),
  }));
  const { tools, deferred } = toolsOver([...wide, TOOL], { kind: "failed", reason: "rejected", message: "" });
  expect(tools.map(({ spec }) => spec.name)).toEqual(["mcp__docs__search", "mcp_call", "tool_search"]);
  expect(deferred).toHaveLength(100);
  expect(JSON.stringify(tools.map(({ spec }) => spec)).length).toBeLessThan(4 * 1024);
});
