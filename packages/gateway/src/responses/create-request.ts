import * as z from "zod";
import * as field from "../wire/request-fields.ts";

const FunctionToolSchema = z.strictObject({
  type: z.literal("function"),
  name: field.toolName,
  description: z.string().nullish(),
  parameters: field.jsonSchema.nullish(),
  strict: z.boolean().nullish(),
});

const CustomToolSchema = z.strictObject({
  type: z.literal("custom"),
  name: field.toolName,
  description: z.string().nullish(),
  format: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("text") }),
      z.strictObject({
        type: z.literal("grammar"),
        syntax: z.enum(["lark", "regex"]),
        definition: z.string().min(1),
      }),
    ])
    .nullish(),
});

/** Of a container that is made for a request; uploaded files are put into it. */
const containerFields = {
  memory_limit: z.enum(["1g", "4g"]).nullish(),
  file_ids: z.array(z.string()).max(50).nullish(),
};

/**
 * The shell that the gateway runs itself. `allowed_commands` is ours: programs, or programs with their first words, that
 * a command may consist of.
 */
const ShellToolSchema = z.strictObject({
  type: z.enum(["shell", "bash"]),
  environment: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("container_auto"), ...containerFields }),
      z.strictObject({ type: z.literal("container_reference"), container_id: z.string() }),
    ])
    .nullish(),
  allowed_commands: z.array(z.string().min(1).max(200)).max(200).nullish(),
});

const CodeInterpreterToolSchema = z.strictObject({
  type: z.literal("code_interpreter"),
  container: z.union([z.string(), z.strictObject({ type: z.literal("auto"), ...containerFields })]),
});

const ToolSchema = z.discriminatedUnion("type", [
  FunctionToolSchema,
  CustomToolSchema,
  ShellToolSchema,
  CodeInterpreterToolSchema,
]);
export type WireTool = z.infer<typeof ToolSchema>;
export type WireShellTool = z.infer<typeof ShellToolSchema>;
export type WireCodeInterpreter = z.infer<typeof CodeInterpreterToolSchema>;

const ToolChoiceSchema = z.union([
  z.enum(["none", "auto", "required"]),
  z.strictObject({ type: z.enum(["function", "custom"]), name: z.string() }),
  z.strictObject({ type: z.enum(["shell", "code_interpreter"]) }),
]);

const FormatSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text") }),
  z.strictObject({
    type: z.literal("json_schema"),
    name: z.string(),
    description: z.string().nullish(),
    schema: field.jsonSchema,
    strict: z.boolean().nullish(),
  }),
  z.strictObject({ type: z.literal("json_object") }),
]);

/** What `include` may ask for; each is either honoured or always there. */
const INCLUDABLE = [
  "reasoning.encrypted_content",
  "code_interpreter_call.outputs",
  "message.input_image.image_url",
  "message.output_text.logprobs",
] as const;

/** The body of `POST /v1/responses`. Items of `input` are read by `input-items.ts`. */
export const CreateRequestSchema = z.strictObject({
  model: z.string().min(1).max(256).nullish(),
  input: z.union([z.string(), z.array(z.unknown()).max(20_000)]).nullish(),
  instructions: z.string().nullish(),
  background: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_obfuscation: z.literal(false).nullish() }).nullish(),
  store: z.boolean().nullish(),
  previous_response_id: z.string().nullish(),
  include: z.array(z.enum(INCLUDABLE)).nullish(),
  tools: z.array(ToolSchema).max(256).nullish(),
  tool_choice: ToolChoiceSchema.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  max_tool_calls: field.positive.nullish(),
  max_output_tokens: field.positive.nullish(),
  metadata: field.metadata,
  reasoning: z
    .strictObject({
      effort: field.effort.nullish(),
      summary: z.enum(["auto", "concise", "detailed"]).nullish(),
      generate_summary: z.enum(["auto", "concise", "detailed"]).nullish(),
    })
    .nullish(),
  text: z.strictObject({ format: FormatSchema.nullish(), verbosity: field.verbosity.nullish() }).nullish(),
  temperature: field.temperature,
  top_p: field.topP,
  top_logprobs: z.int().min(0).max(20).nullish(),
  truncation: z.enum(["auto", "disabled"]).nullish(),
  service_tier: field.ServiceTier,
  prompt_cache_key: z.string().max(256).nullish(),
  prompt_cache_retention: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  user: z.string().nullish(),
  /** What clients such as Codex say of themselves to OpenAI; nobody else's business, so it goes nowhere. */
  client_metadata: z.record(z.string(), z.unknown()).nullish(),
  conversation: z.unknown().optional(),
  prompt: z.unknown().optional(),
});
export type CreateRequest = z.infer<typeof CreateRequestSchema>;
