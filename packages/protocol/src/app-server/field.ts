import * as z from "zod/mini";

/** A parameter that clients leave out or send as null, which mean the same. */
export function maybe<T extends z.core.$ZodType>(schema: T) {
  return z.optional(z.nullable(schema));
}

/** A page request; cursors are opaque and only valid for the same question. */
export const pageParams = { cursor: maybe(z.string()), limit: maybe(z.number()) };

export const SortDirectionSchema = z.enum(["asc", "desc"]);
export type SortDirection = z.infer<typeof SortDirectionSchema>;

export const EmptySchema = z.object({});
