import * as z from "zod/mini";

const ActionSchema = z.looseObject({
  type: z.optional(z.string()),
  error: z.optional(z.looseObject({ code: z.string(), message: z.string() })),
  sources: z.optional(z.array(z.unknown())),
});

/** What a `webSearch` item says of itself beside its words: `page` for one that was opened, and why it came to nothing. */
export interface WebLookup {
  kind: "search" | "page";
  error: { code: string; message: string } | null;
  /** What a search of our own found: `{id, url, title}`; null for a page, and for a search of the endpoint's. */
  sources: readonly unknown[] | null;
}

/** Reads the action of a `webSearch` item, whoever made it. */
export function readWebAction(action: unknown): WebLookup {
  const parsed = ActionSchema.safeParse(action);
  if (!parsed.success) return { kind: "search", error: null, sources: null };
  const { type, error, sources = null } = parsed.data;
  const kind = type === "open_page" || type === "openPage" ? "page" : "search";
  return { kind, error: error === undefined ? null : { code: error.code, message: error.message }, sources };
}
