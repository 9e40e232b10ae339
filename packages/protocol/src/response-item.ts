import * as z from "zod/mini";

/**
 * The canonical history: items as the Responses API knows them (https://platform.openai.com/docs/api-reference/responses).
 * Objects are loose on purpose: a field that we do not know must go back to the endpoint as it came.
 */
const InputTextSchema = z.looseObject({ type: z.literal("input_text"), text: z.string() });
const OutputTextSchema = z.looseObject({ type: z.literal("output_text"), text: z.string() });
const RefusalSchema = z.looseObject({ type: z.literal("refusal"), refusal: z.string() });
const InputImageSchema = z.looseObject({
  type: z.literal("input_image"),
  image_url: z.optional(z.string()),
  detail: z.optional(z.string()),
});
export const ContentPartSchema = z.discriminatedUnion("type", [
  InputTextSchema,
  OutputTextSchema,
  RefusalSchema,
  InputImageSchema,
]);
export type ContentPart = z.infer<typeof ContentPartSchema>;

export const MessageItemSchema = z.looseObject({
  type: z.literal("message"),
  id: z.optional(z.string()),
  role: z.enum(["user", "assistant", "developer", "system"]),
  content: z.array(ContentPartSchema),
});
export const ReasoningItemSchema = z.looseObject({
  type: z.literal("reasoning"),
  id: z.optional(z.string()),
  summary: z.array(z.looseObject({ type: z.string(), text: z.string() })),
  content: z.optional(z.nullable(z.array(z.looseObject({ type: z.string(), text: z.string() })))),
  encrypted_content: z.optional(z.nullable(z.string())),
});
export const FunctionCallSchema = z.looseObject({
  type: z.literal("function_call"),
  id: z.optional(z.string()),
  call_id: z.string(),
  name: z.string(),
  /** JSON text as the model wrote it; may not parse. */
  arguments: z.string(),
});
export const CustomToolCallSchema = z.looseObject({
  type: z.literal("custom_tool_call"),
  id: z.optional(z.string()),
  call_id: z.string(),
  name: z.string(),
  input: z.string(),
});
export const ToolOutputBodySchema = z.union([z.string(), z.array(ContentPartSchema)]);
export type ToolOutputBody = z.infer<typeof ToolOutputBodySchema>;
export const FunctionCallOutputSchema = z.looseObject({
  type: z.literal("function_call_output"),
  call_id: z.string(),
  output: ToolOutputBodySchema,
});
export const CustomToolCallOutputSchema = z.looseObject({
  type: z.literal("custom_tool_call_output"),
  call_id: z.string(),
  output: ToolOutputBodySchema,
});
export const WebSearchCallSchema = z.looseObject({
  type: z.literal("web_search_call"),
  id: z.optional(z.string()),
  status: z.optional(z.string()),
  action: z.optional(z.unknown()),
});

export const ResponseItemSchema = z.discriminatedUnion("type", [
  MessageItemSchema,
  ReasoningItemSchema,
  FunctionCallSchema,
  CustomToolCallSchema,
  FunctionCallOutputSchema,
  CustomToolCallOutputSchema,
  WebSearchCallSchema,
]);
export type ResponseItem = z.infer<typeof ResponseItemSchema>;
export type MessageItem = z.infer<typeof MessageItemSchema>;
export type ReasoningItem = z.infer<typeof ReasoningItemSchema>;
export type FunctionCall = z.infer<typeof FunctionCallSchema>;
export type CustomToolCall = z.infer<typeof CustomToolCallSchema>;
export type ToolCall = FunctionCall | CustomToolCall;
export type ToolOutput =
  | z.infer<typeof FunctionCallOutputSchema>
  | z.infer<typeof CustomToolCallOutputSchema>;

export function isToolCall(item: ResponseItem): item is ToolCall {
  return item.type === "function_call" || item.type === "custom_tool_call";
}

export function isToolOutput(item: ResponseItem): item is ToolOutput {
  return item.type === "function_call_output" || item.type === "custom_tool_call_output";
}

/** The text a message carries, its parts joined; refusals count as text because a person must see them. */
export function messageText(item: MessageItem): string {
  return item.content
    .map((part) => ("text" in part ? part.text : "refusal" in part ? part.refusal : ""))
    .join("");
}

/** A message made of text only. */
export function textMessage(role: MessageItem["role"], text: string): MessageItem {
  return {
    type: "message",
    role,
    content: [role === "assistant" ? { type: "output_text", text } : { type: "input_text", text }],
  };
}
