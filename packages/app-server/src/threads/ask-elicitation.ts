import type { AskPerson } from "@quire/mcp";
import { type McpElicitationParams, McpElicitationParamsSchema } from "@quire/protocol/app-server";
import type { Questions } from "./questions.ts";

/** Puts what MCP servers want to know to the clients of a thread. */
export function askElicitation(questions: Questions): AskPerson {
  return async (serverName, elicitation, { signal }) => {
    const { threadId, turnId } = questions;
    const at = { threadId, turnId: turnId === "" ? null : turnId, serverName, _meta: null };
    const params = McpElicitationParamsSchema.safeParse({ ...at, ...elicitation });
    // A form that is none cannot be shown.
    if (!params.success) return { action: "decline" };
    const { action, content } = await questions.ask<"mcpServer/elicitation/request">(
      "mcpServer/elicitation/request",
      params.data satisfies McpElicitationParams,
      { signal, nobody: { action: "decline" } },
    );
    return action === "accept" && content ? { action, content } : { action };
  };
}
