import { createRequestWriter, FULL_CAPABILITIES, type ModelRequest, type ToolSpec } from "@quire/models";
import type { RequestHead, ResponseItem } from "@quire/protocol";
import * as z from "zod/mini";
import type { ReplayedRequest } from "./replay-requests.ts";

const ToolSpecSchema: z.ZodMiniType<ToolSpec> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("function"),
    name: z.string(),
    description: z.string(),
    parameters: z.record(z.string(), z.unknown()),
  }),
  z.object({
    kind: z.literal("freeform"),
    name: z.string(),
    description: z.string(),
    format: z.object({
      type: z.literal("grammar"),
      syntax: z.enum(["lark", "regex"]),
      definition: z.string(),
    }),
    functionArgument: z.string(),
  }),
]);

/** The tools of a head; those of a form that this version does not know are left out. */
function toolsOf(head: RequestHead): ToolSpec[] {
  return head.tools.flatMap((tool) => {
    const parsed = ToolSpecSchema.safeParse(tool);
    return parsed.success ? [parsed.data] : [];
  });
}

export type RequestFields = Pick<
  ModelRequest,
  "model" | "instructions" | "tools" | "parallelToolCalls" | "promptCacheKey"
>;

/** Everything that a request says before its input; null where the log does not hold it. */
export function fieldsOf({ head, meta, inheritedFrom }: ReplayedRequest): RequestFields | null {
  const instructions = head?.instructions ?? meta?.base_instructions?.text;
  if (head === null || meta === null || instructions === undefined) return null;
  return {
    model: head.model,
    instructions,
    tools: toolsOf(head),
    parallelToolCalls: head.parallel_tool_calls,
    promptCacheKey: inheritedFrom ?? meta.id,
  };
}

const INPUT = '"input":[';

/**
 * The bytes of requests, made by the code that sends them, in the form of the Responses API. What another API is sent
 * differs in form and not in order, so where one request stops continuing another is the same place.
 */
export class RequestBytes {
  readonly #writer = createRequestWriter(FULL_CAPABILITIES, () => undefined);
  readonly #items = new WeakMap<ResponseItem, number>();

  /** Up to the first item. */
  head(fields: RequestFields): Buffer {
    const empty = this.#writer.write({ ...fields, input: [] });
    return empty.subarray(0, empty.lastIndexOf(INPUT) + INPUT.length);
  }

  /** The JSON of an item, without the comma before it. */
  item(item: ResponseItem): Buffer {
    const bare = { model: "", instructions: "", tools: [], parallelToolCalls: false, promptCacheKey: "" };
    const empty = this.#writer.write({ ...bare, input: [] });
    const from = empty.lastIndexOf(INPUT) + INPUT.length;
    const one = this.#writer.write({ ...bare, input: [item] });
    return one.subarray(from, one.length - (empty.length - from));
  }

  sizeOf(item: ResponseItem): number {
    const known = this.#items.get(item);
    if (known !== undefined) return known;
    const size = this.item(item).length;
    this.#items.set(item, size);
    return size;
  }

  /** The whole of a request up to the end of its last item: what a cache can hold. */
  prefix(fields: RequestFields, input: readonly ResponseItem[]): Buffer {
    const body = this.#writer.write({ ...fields, input });
    const tail = this.#writer.write({ ...fields, input: [] });
    const from = tail.lastIndexOf(INPUT) + INPUT.length;
    return body.subarray(0, body.length - (tail.length - from));
  }
}
