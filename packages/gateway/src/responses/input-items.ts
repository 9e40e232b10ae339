import type { ContentPart, ResponseItem, ToolOutputBody } from "@quire/protocol";
import * as z from "zod";
import { invalidValue, refusedParameter } from "../http/api-error.ts";
import { parseRequest } from "../wire/parse-request.ts";
import { isHostedItem, readHostedItem } from "./hosted-items.ts";
import type { WireItem } from "./response-object.ts";

/** An `input_file` of a message, read by whoever may read files. */
export interface WireFile {
  file_id?: string | null | undefined;
  file_data?: string | null | undefined;
  file_url?: string | null | undefined;
  filename?: string | null | undefined;
}

/** What a file becomes for the model. `param` names it in errors. */
export type ReadFile = (file: WireFile, param: string) => Promise<ContentPart[]>;

/** The data URL of an uploaded picture. `param` names it in errors. */
export type ReadImage = (fileId: string, param: string) => string;

/** What a request's `input` amounts to. */
export interface InputItems {
  /** As `input_items` lists them. */
  listed: WireItem[];
  /** As the model gets them. */
  context: ResponseItem[];
}

export interface InputDeps {
  mintId: (prefix: string) => string;
  readFile: ReadFile;
  readImage: ReadImage;
  takesImages: boolean;
}

const ImagePartSchema = z.strictObject({
  type: z.literal("input_image"),
  image_url: z.string().nullish(),
  file_id: z.string().nullish(),
  detail: z.enum(["auto", "low", "high", "original"]).nullish(),
});
const FilePartSchema = z.strictObject({
  type: z.literal("input_file"),
  file_id: z.string().nullish(),
  file_data: z.string().nullish(),
  file_url: z.string().nullish(),
  filename: z.string().max(255).nullish(),
});
const PartSchema = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("input_text"), text: z.string() }),
  z.looseObject({ type: z.literal("output_text"), text: z.string() }),
  z.looseObject({ type: z.literal("refusal"), refusal: z.string() }),
  ImagePartSchema,
  FilePartSchema,
]);
type Part = z.infer<typeof PartSchema>;

const MessageSchema = z.strictObject({
  type: z.literal("message").nullish(),
  id: z.string().nullish(),
  status: z.string().nullish(),
  phase: z.string().nullish(),
  role: z.enum(["user", "assistant", "system", "developer"]),
  content: z.union([z.string(), z.array(PartSchema)]),
});
const callFields = {
  id: z.string().nullish(),
  status: z.string().nullish(),
  call_id: z.string().min(1).max(128),
};
const output = z.union([z.string(), z.array(PartSchema)]);
const ItemSchema = z.discriminatedUnion("type", [
  z.looseObject({
    type: z.literal("function_call"),
    ...callFields,
    name: z.string().min(1),
    arguments: z.string(),
  }),
  z.strictObject({ type: z.literal("function_call_output"), ...callFields, output }),
  z.looseObject({
    type: z.literal("custom_tool_call"),
    ...callFields,
    name: z.string().min(1),
    input: z.string(),
  }),
  z.strictObject({ type: z.literal("custom_tool_call_output"), ...callFields, output }),
  z.looseObject({
    type: z.literal("reasoning"),
    id: z.string().nullish(),
    summary: z.array(z.looseObject({ type: z.string(), text: z.string() })),
    content: z.array(z.looseObject({ type: z.string(), text: z.string() })).nullish(),
    encrypted_content: z.string().nullish(),
  }),
]);

/** Reads `input`. Fails with the error that the client is to see. */
export async function readInput(
  input: string | readonly unknown[] | null | undefined,
  deps: InputDeps,
): Promise<InputItems> {
  const items = typeof input === "string" ? [{ role: "user", content: input }] : (input ?? []);
  const listed: WireItem[] = [];
  const context: ResponseItem[] = [];
  for (const [index, item] of items.entries()) {
    const read = await readItem(item, index, deps);
    listed.push(read.listed);
    context.push(...read.context);
  }
  return { listed, context };
}

async function readItem(
  item: unknown,
  index: number,
  deps: InputDeps,
): Promise<{ listed: WireItem; context: ResponseItem[] }> {
  const param = `input[${index}]`;
  const type = typeof item === "object" && item !== null && "type" in item ? item.type : undefined;
  if (type === undefined || type === null || type === "message") return readMessage(item, index, deps);
  if (typeof type === "string" && isHostedItem(type)) {
    const { listed, context } = readHostedItem(item, ["input", index]);
    return { listed: { ...listed, id: listed.id ?? deps.mintId("item") }, context };
  }
  if (type === "item_reference") {
    throw refusedParameter(
      param,
      "Items cannot be referred to by id; send the item or use previous_response_id.",
    );
  }
  const read = parseRequest(ItemSchema, item, ["input", index]);
  const { id, status, ...rest } = read;
  switch (read.type) {
    case "function_call_output":
    case "custom_tool_call_output": {
      const body: ToolOutputBody =
        typeof read.output === "string" ? read.output : await readParts(read.output, `${param}.output`, deps);
      return {
        listed: { ...rest, id: id ?? deps.mintId("fco"), status: status ?? "completed" },
        context: [{ type: read.type, call_id: read.call_id, output: body }],
      };
    }
    case "function_call":
      return {
        listed: { ...rest, id: id ?? deps.mintId("fc"), status: status ?? "completed" },
        context: [{ type: read.type, call_id: read.call_id, name: read.name, arguments: read.arguments }],
      };
    case "custom_tool_call":
      return {
        listed: { ...rest, id: id ?? deps.mintId("ctc"), status: status ?? "completed" },
        context: [{ type: read.type, call_id: read.call_id, name: read.name, input: read.input }],
      };
    case "reasoning":
      return {
        listed: { ...rest, id: id ?? deps.mintId("rs") },
        context: [
          {
            type: "reasoning",
            ...(typeof id === "string" ? { id } : {}),
            summary: read.summary,
            ...(read.content === undefined ? {} : { content: read.content }),
            ...(read.encrypted_content === undefined ? {} : { encrypted_content: read.encrypted_content }),
          },
        ],
      };
  }
}

async function readMessage(item: unknown, index: number, deps: InputDeps) {
  const { id, status, role, content } = parseRequest(MessageSchema, item, ["input", index]);
  const parts: Part[] =
    typeof content === "string"
      ? [
          role === "assistant"
            ? { type: "output_text", text: content }
            : { type: "input_text", text: content },
        ]
      : content;
  const read = await readParts(parts, `input[${index}].content`, deps);
  const listed: WireItem = {
    type: "message",
    id: id ?? deps.mintId("msg"),
    status: status ?? "completed",
    role,
    content: parts,
  };
  const context: ResponseItem[] = [{ type: "message", role, content: read }];
  return { listed, context };
}

async function readParts(parts: readonly Part[], param: string, deps: InputDeps): Promise<ContentPart[]> {
  const read: ContentPart[] = [];
  for (const [index, part] of parts.entries()) {
    const at = `${param}[${index}]`;
    if (part.type === "input_image") read.push(imagePart(part, at, deps));
    else if (part.type === "input_file") read.push(...(await deps.readFile(part, at)));
    else if (part.type === "refusal") read.push({ type: "refusal", refusal: part.refusal });
    else read.push({ type: part.type, text: part.text });
  }
  return read;
}

function imagePart(part: z.infer<typeof ImagePartSchema>, param: string, deps: InputDeps): ContentPart {
  if (part.file_id !== undefined && part.file_id !== null) {
    if (!deps.takesImages) throw noImages(param);
    return withDetail(deps.readImage(part.file_id, `${param}.file_id`), part.detail);
  }
  const url = part.image_url ?? "";
  checkImageUrl(url, `${param}.image_url`);
  if (!deps.takesImages) throw noImages(param);
  return withDetail(url, part.detail);
}

function noImages(param: string) {
  return refusedParameter(param, "The model's provider takes no images.");
}

function withDetail(url: string, detail: string | null | undefined): ContentPart {
  return {
    type: "input_image",
    image_url: url,
    ...(typeof detail === "string" ? { detail } : {}),
  };
}

/** The gateway fetches nothing: a web address goes to the provider as it is, every other scheme but `data:` is refused. */
export function checkImageUrl(url: string, param: string): void {
  if (/^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+$/.test(url)) return;
  if (/^https:\/\/[^\s]+$/.test(url)) return;
  throw invalidValue(param, "An image is a data: URL (png, jpeg, gif or webp in base64) or an https: URL.");
}
