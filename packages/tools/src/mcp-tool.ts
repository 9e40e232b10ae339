import type { McpProgress, McpServers, McpTool } from "@quire/mcp";
import type { McpToolCallItem } from "@quire/protocol";
import { readArguments, resultOf } from "./mcp/call-result.ts";
import { modelNames } from "./mcp/tool-names.ts";
import { createToolSearch, type DeferredTool } from "./mcp/tool-search.ts";
import { mcpToolSpec, specBytes } from "./mcp/tool-spec.ts";
import { estimateTokens } from "./output-budget.ts";
import type { Effect, PreparedCall, Tool, ToolContext, ToolInvocation } from "./tool.ts";

/** Tokens that the tools of one server, and of all together, may take of every request before they wait behind the search. */
const SERVER_TOKENS = 4000;
const ALL_TOKENS = 8000;
const SHOWN_INPUT = 2000;

export type McpApproval = Extract<Effect, { kind: "mcp" }>["approval"];

export interface McpToolsDeps {
  readonly servers: Pick<McpServers, "list" | "call">;
  /** What the user decided for a tool. */
  readonly approvalOf: (server: string, tool: string) => McpApproval;
  /** Whether calls of a server may run beside each other. Tools that change nothing always may. */
  readonly isParallel: (server: string) => boolean;
  /** How a tool differs from what the user last agreed to, as a diff; null when it does not. */
  readonly changeOf?: (server: string, tool: string) => string | null;
  /** Called when a call of a tool that had changed was agreed to. */
  readonly onAgreed?: (server: string, tool: string) => void;
  /** What the tools of a server may take of every request, in tokens; beyond it they wait behind the search. */
  readonly tokenBudgetOf?: (server: string) => number | null;
}

export interface McpToolSet {
  /** For the model, sorted by name. */
  readonly tools: readonly Tool[];
  /** Found by the search and called through it; of servers whose tools would take too much of every request. */
  readonly deferred: readonly DeferredTool[];
}

/** One tool for the model for each tool that the servers have now, or the search for those that are too many. */
export function createMcpTools(deps: McpToolsDeps): McpToolSet {
  const listed = deps.servers.list();
  const names = modelNames(listed);
  const made = listed.map((tool, at) => {
    const spec = mcpToolSpec(names[at] ?? "", tool);
    return {
      server: tool.server,
      tokens: estimateTokens(specBytes(spec)),
      tool: createMcpTool(spec, tool, deps),
      spec,
    };
  });
  const waiting = serversThatWait(made, (server) => deps.tokenBudgetOf?.(server) ?? SERVER_TOKENS);
  const deferred = made.filter(({ server }) => waiting.has(server));
  const direct = made.filter(({ server }) => !waiting.has(server)).map(({ tool }) => tool);
  const tools = [...direct, ...createToolSearch(deferred)];
  return { tools: tools.sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1)), deferred };
}

/** Those over their own budget, and then the largest until the rest fits together. */
function serversThatWait(
  made: readonly { server: string; tokens: number }[],
  budgetOf: (server: string) => number,
): Set<string> {
  const sums = new Map<string, number>();
  for (const { server, tokens } of made) sums.set(server, (sums.get(server) ?? 0) + tokens);
  const waiting = new Set(
    [...sums].filter(([server, sum]) => sum > budgetOf(server)).map(([server]) => server),
  );
  const direct = [...sums].filter(([server]) => !waiting.has(server)).sort((a, b) => b[1] - a[1]);
  let total = direct.reduce((sum, [, tokens]) => sum + tokens, 0);
  for (const [server, tokens] of direct) {
    if (total <= ALL_TOKENS) break;
    waiting.add(server);
    total -= tokens;
  }
  return waiting;
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
  const changed = deps.changeOf?.(server, name) ?? null;
  const shown = JSON.stringify(args).slice(0, SHOWN_INPUT);
  return {
    kind: "ready",
    effects: [
      {
        kind: "mcp",
        server,
        tool: name,
        readOnly,
        approval,
        input: shown,
        ...(changed === null ? {} : { changed }),
      },
    ],
    item,
    async run() {
      const since = context.monotonicMs();
      if (changed !== null) deps.onAgreed?.(server, name);
      const { signal } = context;
      const onProgress = progressOf(item, context);
      const outcome = await deps.servers.call(server, name, args, { signal, onProgress });
      return resultOf(item, outcome, Math.round(context.monotonicMs() - since));
    },
  };
}

const PROGRESS_MS = 200;
const MAX_PROGRESS = 500;

/** Tells the front ends how far a call is, a few times a second at most. */
function progressOf(
  item: McpToolCallItem,
  { update, monotonicMs }: ToolContext,
): (progress: McpProgress) => void {
  let last = Number.NEGATIVE_INFINITY;
  return ({ progress, total, message }) => {
    const now = monotonicMs();
    if (now - last < PROGRESS_MS) return;
    last = now;
    const done = total === undefined ? `${progress}` : `${progress} of ${total}`;
    const text = message === undefined || message === "" ? done : `${message} (${done})`;
    update({ ...item, progress: text.slice(0, MAX_PROGRESS) });
  };
}
