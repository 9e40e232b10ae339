import type { ResponseItem } from "@quire/protocol";
import { ResponseItemSchema } from "@quire/protocol";
import * as z from "zod";
import type { ResponseObject, WireItem } from "../responses/response-object.ts";

/** A response as it is kept: what clients see of it, and what a later response needs to go on from it. */
export interface ResponseRecord {
  version: 1;
  response: ResponseObject;
  /** As `input_items` lists them. */
  input: WireItem[];
  /** What this response added to the model's input, and what the model said; without the responses before it. */
  context: ResponseItem[];
  produced: ResponseItem[];
  /** Created with `stream` and `background`: its events are kept in a file beside it. */
  hasEvents: boolean;
}

const WireItemSchema = z.looseObject({ type: z.string(), id: z.string() });

const RecordSchema = z.object({
  version: z.literal(1),
  // Written by ourselves; what later code reads of it is checked, the rest is passed on as it was written.
  response: z.custom<ResponseObject>(
    (value) => z.looseObject({ id: z.string(), status: z.string() }).safeParse(value).success,
  ),
  input: z.array(WireItemSchema),
  context: z.array(z.custom<ResponseItem>((item) => ResponseItemSchema.safeParse(item).success)),
  produced: z.array(z.custom<ResponseItem>((item) => ResponseItemSchema.safeParse(item).success)),
  hasEvents: z.boolean(),
});

/** Null for a text that is no record of this version. */
export function parseRecord(text: string): ResponseRecord | null {
  try {
    const parsed = RecordSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    // Damaged by something other than us: records are replaced whole.
    return null;
  }
}
