import type {
  DynamicToolCallParams,
  DynamicToolCallResponse,
  DynamicToolSpec,
} from "@quire/protocol/app-server";

export interface ToolCallContext {
  threadId: string;
  turnId: string;
  callId: string;
}

/** A tool that the agent can call and this program runs. */
export interface CustomTool {
  /** Letters, digits, `_` and `-`. */
  name: string;
  /** For the model: what it does and when to use it. */
  description: string;
  /** A JSON schema of an object. */
  parameters: Readonly<Record<string, unknown>>;
  /**
   * Text is passed on as it is, anything else as JSON. What is thrown reaches the model as a failure, in the words of
   * the error. The arguments are the model's and have not been checked against the schema.
   */
  run: (args: unknown, context: ToolCallContext) => unknown;
}

/** @internal */
export function toolSpec({ name, description, parameters }: CustomTool): DynamicToolSpec {
  return { name, description, inputSchema: { ...parameters } };
}

/** @internal */
export async function callTool(
  tools: readonly CustomTool[],
  params: DynamicToolCallParams,
): Promise<DynamicToolCallResponse> {
  const tool = tools.find(({ name }) => name === params.tool);
  if (!tool) throw new Error(`there is no tool ${params.tool} here`);
  try {
    const { threadId, turnId, callId } = params;
    const result = await tool.run(params.arguments, { threadId, turnId, callId });
    return { contentItems: [{ type: "inputText", text: asText(result) }], success: true };
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    return { contentItems: [{ type: "inputText", text }], success: false };
  }
}

function asText(result: unknown): string {
  return typeof result === "string" ? result : (JSON.stringify(result) ?? "done");
}
