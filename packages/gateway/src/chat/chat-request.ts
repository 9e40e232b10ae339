import * as z from "zod";
import * as field from "../wire/request-fields.ts";

const TextPartSchema = z.strictObject({ type: z.literal("text"), text: z.string() });
const UserPartSchema = z.discriminatedUnion("type", [
  TextPartSchema,
  z.strictObject({
    type: z.literal("image_url"),
    image_url: z.strictObject({ url: z.string(), detail: z.enum(["auto", "low", "high"]).nullish() }),
  }),
  z.strictObject({
    type: z.literal("file"),
    file: z.strictObject({
      file_data: z.string().nullish(),
      file_id: z.string().nullish(),
      filename: z.string().max(255).nullish(),
    }),
  }),
]);
export type UserPart = z.infer<typeof UserPartSchema>;

const text = z.union([z.string(), z.array(TextPartSchema)]);
const CallSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("function"),
    id: z.string().min(1),
    function: z.looseObject({ name: z.string().min(1), arguments: z.string() }),
  }),
  z.strictObject({
    type: z.literal("custom"),
    id: z.string().min(1),
    custom: z.strictObject({ name: z.string().min(1), input: z.string() }),
  }),
]);
const MessageSchema = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("system"), content: text }),
  z.strictObject({ role: z.literal("developer"), content: text }),
  z.strictObject({ role: z.literal("user"), content: z.union([z.string(), z.array(UserPartSchema)]) }),
  z.looseObject({
    role: z.literal("assistant"),
    content: z
      .union([
        z.string(),
        z.array(
          z.union([TextPartSchema, z.strictObject({ type: z.literal("refusal"), refusal: z.string() })]),
        ),
      ])
      .nullish(),
    refusal: z.string().nullish(),
    tool_calls: z.array(CallSchema).nullish(),
  }),
  z.strictObject({ role: z.literal("tool"), tool_call_id: z.string().min(1), content: text }),
]);
export type ChatMessage = z.infer<typeof MessageSchema>;

const FunctionSchema = z.strictObject({
  name: field.toolName,
  description: z.string().nullish(),
  parameters: field.jsonSchema.nullish(),
  strict: z.boolean().nullish(),
});
const ToolSchema = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("function"), function: FunctionSchema }),
  z.strictObject({
    type: z.literal("custom"),
    custom: z.strictObject({
      name: field.toolName,
      description: z.string().nullish(),
      format: z
        .discriminatedUnion("type", [
          z.strictObject({ type: z.literal("text") }),
          z.strictObject({
            type: z.literal("grammar"),
            grammar: z.strictObject({ syntax: z.enum(["lark", "regex"]), definition: z.string().min(1) }),
          }),
        ])
        .nullish(),
    }),
  }),
]);
export type ChatTool = z.infer<typeof ToolSchema>;

/** The body of `POST /v1/chat/completions`. Fields of type `unknown` are there to be refused by name. */
export const ChatRequestSchema = z.strictObject({
  model: z.string().min(1).max(256),
  messages: z.array(MessageSchema).min(1).max(20_000),
  stream: z.boolean().nullish(),
  stream_options: field.streamOptions,
  n: field.choices,
  stop: field.stop,
  tools: z.array(ToolSchema).max(256).nullish(),
  tool_choice: z
    .union([
      z.enum(["none", "auto", "required"]),
      z.strictObject({ type: z.literal("function"), function: z.strictObject({ name: z.string() }) }),
      z.strictObject({ type: z.literal("custom"), custom: z.strictObject({ name: z.string() }) }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("text") }),
      z.strictObject({ type: z.literal("json_object") }),
      z.strictObject({
        type: z.literal("json_schema"),
        json_schema: z.strictObject({
          name: z.string(),
          description: z.string().nullish(),
          schema: field.jsonSchema,
          strict: z.boolean().nullish(),
        }),
      }),
    ])
    .nullish(),
  max_tokens: field.positive.nullish(),
  max_completion_tokens: field.positive.nullish(),
  reasoning_effort: field.effort.nullish(),
  verbosity: field.verbosity.nullish(),
  temperature: field.temperature,
  top_p: field.topP,
  metadata: field.metadata,
  prompt_cache_key: z.string().max(256).nullish(),
  service_tier: field.ServiceTier,
  safety_identifier: z.string().nullish(),
  user: z.string().nullish(),
  store: z.boolean().nullish(),
  modalities: z.array(z.string()).nullish(),
  audio: z.unknown().optional(),
  frequency_penalty: z.number().nullish(),
  presence_penalty: z.number().nullish(),
  function_call: z.unknown().optional(),
  functions: z.unknown().optional(),
  logit_bias: z.unknown().optional(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  prediction: z.unknown().optional(),
  prompt_cache_retention: z.string().nullish(),
  seed: z.int().nullish(),
  web_search_options: z.unknown().optional(),
});
export type ChatRequest = z.infer<typeof ChatRequestSchema>;
