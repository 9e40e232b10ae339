import type { ToolSpec } from "@quire/models";
import type { ToolCallItem } from "@quire/protocol";
import { type Field, integer, optional, text } from "../arguments/fields.ts";
import { parseArguments } from "../arguments/parse-arguments.ts";
import { truncateMiddle } from "../output-budget.ts";
import type { Tool } from "../tool.ts";
import { rankTexts } from "./tool-ranking.ts";

export interface DeferredTool {
  readonly server: string;
  readonly spec: Extract<ToolSpec, { kind: "function" }>;
  readonly tool: Tool;
}

const SEARCH = "tool_search";
const CALL = "mcp_call";
const DEFAULT_LIMIT = 8;
const MAX_LIMIT = 40;
const OUTPUT_TOKENS = 10_000;
const SHOWN_SERVERS = 12;

/**
 * Two tools that stand for many: one finds them, the other calls what was found. What a request holds of them is the same
 * however many there are, and a call through them is judged and logged as the call that it is.
 */
export function createToolSearch(deferred: readonly DeferredTool[]): Tool[] {
  if (deferred.length === 0) return [];
  return [callTool(deferred), searchTool(deferred)];
}

function searchTool(deferred: readonly DeferredTool[]): Tool {
  const ranking = rankTexts(deferred.map(searchedText));
  return {
    spec: {
      kind: "function",
      name: SEARCH,
      description: `Finds tools of MCP servers that are not shown here: ${serversText(deferred)}. Call what you find with ${CALL}.`,
      parameters: {
        type: "object",
        properties: {
          query: { type: "string", description: "Words for what the tool should do." },
          limit: { type: "integer", description: `Default ${DEFAULT_LIMIT}.` },
        },
        required: ["query"],
        additionalProperties: false,
      },
    },
    parallel: true,
    prepare({ callId, input }) {
      const fields = { query: text, limit: optional(integer({ min: 1, max: MAX_LIMIT })) };
      const parsed = parseArguments(SEARCH, input, fields);
      if (!parsed.ok) return { kind: "invalid", code: "tool_bad_arguments", message: parsed.message };
      const { query, limit = DEFAULT_LIMIT } = parsed.value;
      const item: ToolCallItem = {
        type: "toolCall",
        id: callId,
        tool: SEARCH,
        arguments: input,
        status: "inProgress",
        output: null,
        error: null,
      };
      return {
        kind: "ready",
        effects: [],
        item,
        run: async () => {
          const found = ranking.find(query, limit).flatMap((at) => deferred[at] ?? []);
          const output = found.length === 0 ? nothingFound(deferred) : foundText(found);
          return { item: { ...item, status: "completed", output }, output, success: true };
        },
      };
    },
  };
}

/** The arguments of a call, as an object or as its JSON text. */
const objectField: Field<string> = {
  required: true,
  read: (value) => {
    if (typeof value === "string") return { ok: true, value };
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { ok: true, value: JSON.stringify(value) };
    }
    return { ok: false, expected: "a JSON object" };
  },
};

function callTool(deferred: readonly DeferredTool[]): Tool {
  const byName = new Map(deferred.map(({ spec, tool }) => [spec.name, tool]));
  return {
    spec: {
      kind: "function",
      name: CALL,
      description: `Calls a tool that ${SEARCH} found.`,
      parameters: {
        type: "object",
        properties: {
          tool: { type: "string", description: "Its name as found." },
          arguments: { type: "object", properties: {}, additionalProperties: true },
        },
        required: ["tool", "arguments"],
        additionalProperties: false,
      },
    },
    parallel: false,
    prepare(invocation, context) {
      const fields = { tool: text, arguments: optional(objectField) };
      const parsed = parseArguments(CALL, invocation.input, fields);
      if (!parsed.ok) return { kind: "invalid", code: "tool_bad_arguments", message: parsed.message };
      const { tool: name, arguments: input = "{}" } = parsed.value;
      const tool = byName.get(name);
      if (tool !== undefined) return tool.prepare({ ...invocation, input }, context);
      const message = `There is no tool ${JSON.stringify(name.slice(0, 100))} behind ${CALL}. Find its name with ${SEARCH}.`;
      return { kind: "invalid", code: "tool_unknown", message };
    },
  };
}

function searchedText({ spec }: DeferredTool): string {
  const properties = Reflect.get(spec.parameters, "properties");
  const names = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  // The name counts twice: who searches for words of it means it.
  return [spec.name, spec.name, spec.description, ...names].join(" ");
}

function serversText(deferred: readonly DeferredTool[]): string {
  const counts = new Map<string, number>();
  for (const { server } of deferred) counts.set(server, (counts.get(server) ?? 0) + 1);
  const shown = [...counts]
    .slice(0, SHOWN_SERVERS)
    .map(([server, count]) => `${server.slice(0, 40)} (${count})`);
  const more = counts.size - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more servers`] : [])].join(", ");
}

function foundText(found: readonly DeferredTool[]): string {
  const lines = found.map(({ spec: { name, description, parameters } }) =>
    JSON.stringify({ name, description, parameters }),
  );
  return truncateMiddle(lines.join("\n"), { maxTokens: OUTPUT_TOKENS }).text;
}

function nothingFound(deferred: readonly DeferredTool[]): string {
  return `No tool fits these words. There are tools of ${serversText(deferred)}; try other words.`;
}
