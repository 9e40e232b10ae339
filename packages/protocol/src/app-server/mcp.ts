import * as z from "zod/mini";
import { maybe } from "./field.ts";
import { later } from "./later.ts";

/** MCP servers as clients see them. Words and shapes are Codex's; what is ours says so. */

export const McpAuthStatusSchema = later(() =>
  z.enum(["unknown", "unsupported", "notLoggedIn", "bearerToken", "oAuth"]),
);
export type McpAuthStatus = z.infer<typeof McpAuthStatusSchema>;

export const McpConnectionStatusSchema = later(() =>
  z.enum([
    "notStarted",
    "starting",
    "connected",
    "authenticationRequired",
    "failed",
    "cancelled",
    "disabled",
  ]),
);
export type McpConnectionStatus = z.infer<typeof McpConnectionStatusSchema>;

export const WireMcpToolSchema = later(() =>
  z.object({
    name: z.string(),
    title: z.optional(z.string()),
    description: z.optional(z.string()),
    inputSchema: z.unknown(),
    annotations: z.optional(z.unknown()),
  }),
);

export const WireMcpResourceSchema = later(() =>
  z.object({
    uri: z.string(),
    name: z.string(),
    title: z.optional(z.string()),
    description: z.optional(z.string()),
    mimeType: z.optional(z.string()),
    size: z.optional(z.number()),
  }),
);

export const WireMcpResourceTemplateSchema = later(() =>
  z.object({
    uriTemplate: z.string(),
    name: z.string(),
    title: z.optional(z.string()),
    description: z.optional(z.string()),
    mimeType: z.optional(z.string()),
  }),
);

export const WireMcpPromptSchema = later(() =>
  z.object({
    name: z.string(),
    title: z.optional(z.string()),
    description: z.optional(z.string()),
    arguments: z.array(
      z.object({
        name: z.string(),
        description: z.optional(z.string()),
        required: z.optional(z.boolean()),
      }),
    ),
  }),
);

export const McpServerStatusSchema = later(() =>
  z.object({
    name: z.string(),
    /** In the thread that was asked about; null without one. */
    runtimeStatus: z.nullable(McpConnectionStatusSchema),
    pluginId: z.null(),
    /** Without path, query and credentials. */
    httpOrigin: z.nullable(z.string()),
    serverInfo: z.nullable(
      z.object({
        name: z.string(),
        title: z.nullable(z.string()),
        version: z.string(),
        description: z.nullable(z.string()),
        icons: z.null(),
        websiteUrl: z.nullable(z.string()),
      }),
    ),
    serverCapabilities: z.nullable(z.unknown()),
    toolListMeta: z.null(),
    /** By the server's own names; those that it offers now, or offered when it last ran. */
    tools: z.record(z.string(), WireMcpToolSchema),
    /** Why nothing is known of its tools. */
    toolsError: z.nullable(z.string()),
    resources: z.array(WireMcpResourceSchema),
    resourceTemplates: z.array(WireMcpResourceTemplateSchema),
    /** Ours. */
    prompts: z.optional(z.array(WireMcpPromptSchema)),
    authStatus: McpAuthStatusSchema,
  }),
);
export type McpServerStatus = z.infer<typeof McpServerStatusSchema>;

export const ListMcpServerStatusParamsSchema = later(() =>
  z.object({
    cursor: maybe(z.string()),
    limit: maybe(z.number()),
    /** `toolsAndAuthOnly` asks the servers nothing. */
    detail: maybe(z.enum(["full", "toolsAndAuthOnly"])),
    threadId: maybe(z.string()),
    serverName: maybe(z.string()),
  }),
);
export const ListMcpServerStatusResponseSchema = later(() =>
  z.object({ data: z.array(McpServerStatusSchema), nextCursor: z.nullable(z.string()) }),
);

export const McpResourceReadParamsSchema = later(() =>
  z.object({ threadId: maybe(z.string()), server: z.string(), uri: z.string() }),
);
export const McpResourceContentSchema = later(() =>
  z.object({
    uri: z.string(),
    mimeType: z.optional(z.string()),
    text: z.optional(z.string()),
    /** Base64. */
    blob: z.optional(z.string()),
  }),
);
export const McpResourceReadResponseSchema = later(() =>
  z.object({ contents: z.array(McpResourceContentSchema), originCallId: z.null() }),
);

export const McpServerToolCallParamsSchema = later(() =>
  z.object({
    threadId: z.string(),
    server: z.string(),
    tool: z.string(),
    arguments: z.optional(z.record(z.string(), z.unknown())),
  }),
);
export const McpServerToolCallResponseSchema = later(() =>
  z.object({
    content: z.array(z.unknown()),
    structuredContent: z.optional(z.unknown()),
    isError: z.optional(z.boolean()),
  }),
);

export const McpServerOauthLoginParamsSchema = later(() =>
  z.object({
    name: z.string(),
    threadId: maybe(z.string()),
    scopes: maybe(z.array(z.string())),
    /** Until the person must have come back from the browser. Default 300. */
    timeoutSecs: maybe(z.number()),
  }),
);
export const McpServerOauthLoginResponseSchema = later(() =>
  z.object({ authorizationUrl: z.string(), loginId: z.optional(z.string()) }),
);

/** What a server wants a person to be asked. Its texts are the server's own. */
export const McpElicitationParamsSchema = later(() => {
  const at = { threadId: z.string(), turnId: z.nullable(z.string()), serverName: z.string() };
  const common = { ...at, _meta: z.nullable(z.unknown()), message: z.string() };
  return z.union([
    z.object({
      ...common,
      mode: z.literal("form"),
      /** A flat JSON schema: strings, numbers, booleans and choices. */
      requestedSchema: z.looseObject({
        type: z.literal("object"),
        properties: z.record(z.string(), z.looseObject({ type: z.string() })),
        required: z.optional(z.array(z.string())),
      }),
    }),
    z.object({ ...common, mode: z.literal("url"), url: z.string(), elicitationId: z.string() }),
  ]);
});
export type McpElicitationParams = z.infer<typeof McpElicitationParamsSchema>;

export const McpElicitationResponseSchema = later(() =>
  z.object({
    action: z.enum(["accept", "decline", "cancel"]),
    /** By property of the form; only with `accept`. */
    content: maybe(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))),
    _meta: z.optional(z.unknown()),
  }),
);

export const McpServerStatusUpdatedSchema = later(() =>
  z.object({
    threadId: z.nullable(z.string()),
    name: z.string(),
    status: z.enum(["starting", "ready", "failed", "cancelled"]),
    error: z.nullable(z.string()),
    failureReason: z.nullable(z.enum(["reauthenticationRequired"])),
  }),
);
export type McpServerStatusUpdated = z.infer<typeof McpServerStatusUpdatedSchema>;
export const McpOauthLoginCompletedSchema = later(() =>
  z.object({
    name: z.string(),
    threadId: z.nullable(z.string()),
    loginId: z.optional(z.string()),
    success: z.boolean(),
    error: z.optional(z.string()),
  }),
);
export type McpOauthLoginCompleted = z.infer<typeof McpOauthLoginCompletedSchema>;
