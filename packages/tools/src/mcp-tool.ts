import type { McpServers, McpTool } from "@quire/mcp";
import type { McpToolCallItem } from "@quire/protocol";
import { readArguments, resultOf } from "./mcp/call-result.ts";
import { modelNames } from "./mcp/tool-names.ts";
import { mcpToolSpec, specBytes } from "./mcp/tool-spec.ts";
import type { Effect, PreparedCall, Tool, ToolContext, ToolInvocation } from "./tool.ts";

/** What all tools of one server may take of every request. */
const MAX_SERVER_BYTES = 64 * 1024;
const SHOWN_INPUT = 2000;

export type McpApproval = Extract<Effect, { kind: "mcp" }>["approval"];

export interface McpToolsDeps {
  readonly servers: Pick<McpServers, "list" | "call">;
  /** What the user decided for a tool. */
  readonly approvalOf: (server: string, tool: string) => McpApproval;
  /** Whether calls of a server may run beside each other. Tools that change nothing always may. */
  readonly isParallel: (server: string) => boolean;
}

export interface McpToolSet {
  /** Sorted by name. */
  readonly tools: readonly Tool[];
  /** How many tools of a server had no room, where there are any. */
  readonly leftOut: ReadonlyMap<string, number>;
}

/** One tool for the model for each tool that the servers have now. */
export function createMcpTools(deps: McpToolsDeps): McpToolSet {
  const listed = deps.servers.list();
  const names = modelNames(listed);
  const used = new Map<string, number>();
  const leftOut = new Map<string, number>();
  const tools: Tool[] = [];
  for (const [at, tool] of listed.entries()) {
    const spec = mcpToolSpec(names[at] ?? "", tool);
    const bytes = (used.get(tool.server) ?? 0) + specBytes(spec);
    if (bytes > MAX_SERVER_BYTES) {
      leftOut.set(tool.server, (leftOut.get(tool.server) ?? 0) + 1);
      continue;
    }
    used.set(tool.server, bytes);
    tools.push(createMcpTool(spec, tool, deps));
  }
  return { tools: tools.sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1)), leftOut };
}

function createMcpTool(spec: Tool["spec"], tool: McpTool, deps: McpToolsDeps): Tool {
  return {
    spec,
    parallel: tool.readOnly || deps.isParallel(tool.server),
    prepare: (invocation, context) => prepare(tool, deps, invocation, context),
  };
}

function prepare(
  tool: McpTool,
  deps: McpToolsDeps,
  { callId, input }: ToolInvocation,
  context: ToolContext,
): PreparedCall {
  const args = readArguments(input);
  if (args === null) {
    const message = `${tool.name} was not called: its arguments must be one JSON object of at most 1 MiB.`;
    return { kind: "invalid", code: "tool_bad_arguments", message };
  }
  const { server, name, readOnly } = tool;
  const item: McpToolCallItem = {
    type: "mcpToolCall",
    id: callId,
    server,
    tool: name,
    arguments: args,
    status: "inProgress",
    result: null,
    error: null,
    durationMs: null,
  };
  const approval = deps.approvalOf(server, name);
  const shown = JSON.stringify(args).slice(0, SHOWN_INPUT);
  return {
    kind: "ready",
    effects: [{ kind: "mcp", server, tool: name, readOnly, approval, input: shown }],
    item,
    async run() {
      const since = context.monotonicMs();
      const outcome = await deps.servers.call(server, name, args, { signal: context.signal });
      return resultOf(item, outcome, Math.round(context.monotonicMs() - since));
    },
  };
}
