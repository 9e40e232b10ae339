import type { Client } from "@modelcontextprotocol/client";
import * as z from "zod/mini";
import type { McpServerOptions } from "./server-options.ts";

/** A tool as its server describes it. Nothing of it has been checked but its shape; texts are the server's own. */
export interface McpTool {
  readonly server: string;
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** Whether the server says that it changes nothing. A tool that says nothing counts as one that destroys. */
  readonly readOnly: boolean;
}

/** Everything of a tool that a model or a person goes by, as one text: equal for equal tools. */
export function toolDefinition({ description, inputSchema, readOnly }: McpTool): string {
  return JSON.stringify([description, inputSchema, readOnly]);
}

const MAX_SCHEMA_CHARACTERS = 1024 * 1024;
const MAX_PAGES = 64;
const MAX_TOOLS = 1000;

const ToolPageSchema = z.object({
  tools: z.array(z.unknown()),
  nextCursor: z.optional(z.string()),
});

const ToolSchema = z.object({
  name: z.string().check(z.minLength(1), z.maxLength(256)),
  description: z.optional(z.string()),
  inputSchema: z.record(z.string(), z.unknown()),
  annotations: z.optional(z.object({ readOnlyHint: z.optional(z.boolean()) })),
});

/** Every page of the server's tools that the user lets through, by name, and how many were malformed. */
export async function readTools(
  client: Client,
  options: Pick<McpServerOptions, "id" | "enabledTools" | "disabledTools">,
  limits: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<{ tools: McpTool[]; malformed: number }> {
  const tools = new Map<string, McpTool>();
  let malformed = 0;
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES && tools.size < MAX_TOOLS; page++) {
    const params = cursor === undefined ? {} : { params: { cursor } };
    const answer = await client.request({ method: "tools/list", ...params }, ToolPageSchema, {
      signal: limits.signal,
      timeout: limits.timeoutMs,
    });
    const parsed = parseTools(options.id, answer.tools);
    malformed += parsed.malformed;
    for (const tool of parsed.tools.slice(0, MAX_TOOLS - tools.size)) {
      if (isOffered(tool.name, options)) tools.set(tool.name, tool);
    }
    cursor = answer.nextCursor;
    if (cursor === undefined) break;
  }
  return { tools: [...tools.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), malformed };
}

/** The tools of a page that can be used; one that is malformed is left out and the rest is kept. */
function parseTools(server: string, page: readonly unknown[]): { tools: McpTool[]; malformed: number } {
  const tools: McpTool[] = [];
  for (const entry of page) {
    const parsed = ToolSchema.safeParse(entry);
    if (!parsed.success || !isWritable(parsed.data.inputSchema)) continue;
    const { name, description = "", inputSchema, annotations } = parsed.data;
    tools.push({ server, name, description, inputSchema, readOnly: annotations?.readOnlyHint === true });
  }
  return { tools, malformed: page.length - tools.length };
}

/** Nested deeply enough, a value that could be read cannot be written any more; nobody could send it on. */
function isWritable(schema: unknown): boolean {
  try {
    return JSON.stringify(schema).length <= MAX_SCHEMA_CHARACTERS;
  } catch {
    return false;
  }
}

/** Whether the user lets the model have this tool. */
function isOffered(
  name: string,
  { enabledTools, disabledTools }: Pick<McpServerOptions, "enabledTools" | "disabledTools">,
): boolean {
  return (enabledTools?.includes(name) ?? true) && !disabledTools?.includes(name);
}
