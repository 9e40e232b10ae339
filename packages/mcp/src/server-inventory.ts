import type { Client } from "@modelcontextprotocol/client";
import * as z from "zod/mini";

/** Something a server lets be read. Nothing of it has been checked but its shape; texts are the server's own. */
export interface McpResource {
  readonly uri: string;
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly mimeType?: string | undefined;
  /** Bytes, by the server's account. */
  readonly size?: number | undefined;
}

/** Resources whose address has gaps to be filled in (RFC 6570). */
export interface McpResourceTemplate {
  readonly uriTemplate: string;
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly mimeType?: string | undefined;
}

export interface McpPrompt {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly arguments: readonly {
    readonly name: string;
    readonly description?: string | undefined;
    readonly required?: boolean | undefined;
  }[];
}

/** What a resource holds, as the server sent it: `text`, or `blob` in base64. */
export interface McpResourceContent {
  readonly uri: string;
  readonly mimeType?: string | undefined;
  readonly text?: string | undefined;
  readonly blob?: string | undefined;
}

/** One page of a list. What is malformed is left out. */
export interface McpPage<T> {
  readonly entries: readonly T[];
  readonly nextCursor: string | null;
}

export interface InventoryLimits {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

const MAX_PAGE = 1000;
const MAX_PAGES = 16;
const text = z.string().check(z.maxLength(10_000));
const words = { title: z.optional(text), description: z.optional(text) };

const ResourceSchema = z.object({
  uri: text,
  name: text,
  ...words,
  mimeType: z.optional(text),
  size: z.optional(z.number()),
});
const TemplateSchema = z.object({ uriTemplate: text, name: text, ...words, mimeType: z.optional(text) });
const PromptSchema = z.object({
  name: text,
  ...words,
  arguments: z._default(
    z.array(z.object({ name: text, description: z.optional(text), required: z.optional(z.boolean()) })),
    [],
  ),
});
const ContentsSchema = z.object({
  contents: z.array(
    z.object({
      uri: z.string(),
      mimeType: z.optional(z.string()),
      text: z.optional(z.string()),
      blob: z.optional(z.string()),
    }),
  ),
});

/** The lists that servers keep beside their tools. */
export const LISTS = {
  resources: { method: "resources/list", key: "resources", schema: ResourceSchema },
  templates: { method: "resources/templates/list", key: "resourceTemplates", schema: TemplateSchema },
  prompts: { method: "prompts/list", key: "prompts", schema: PromptSchema },
} as const;

export type ListKind = keyof typeof LISTS;
export type ListEntry<K extends ListKind> = z.infer<(typeof LISTS)[K]["schema"]>;

const PageSchema = z.looseObject({ nextCursor: z.optional(z.string()) });

/** One page of one list. */
export async function readPage<K extends ListKind>(
  client: Client,
  kind: K,
  cursor: string | null,
  limits: InventoryLimits,
): Promise<McpPage<ListEntry<K>>> {
  const { method, key, schema } = LISTS[kind];
  const answer = await client.request(
    { method, ...(cursor === null ? {} : { params: { cursor } }) },
    PageSchema,
    { signal: limits.signal, timeout: limits.timeoutMs },
  );
  const listed = answer[key];
  const entries: ListEntry<K>[] = [];
  for (const entry of Array.isArray(listed) ? listed.slice(0, MAX_PAGE) : []) {
    const parsed = schema.safeParse(entry);
    // Parsed by the schema of this very list; the table's type does not carry that through the index.
    if (parsed.success) entries.push(parsed.data as ListEntry<K>);
  }
  return { entries, nextCursor: answer.nextCursor ?? null };
}

/** Every page of one list, up to a bound. */
export async function readWhole<K extends ListKind>(
  client: Client,
  kind: K,
  limits: InventoryLimits,
): Promise<ListEntry<K>[]> {
  const all: ListEntry<K>[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { entries, nextCursor }: McpPage<ListEntry<K>> = await readPage(client, kind, cursor, limits);
    all.push(...entries);
    cursor = nextCursor;
    if (cursor === null) break;
  }
  return all;
}

export async function readContents(
  client: Client,
  uri: string,
  limits: InventoryLimits,
): Promise<McpResourceContent[]> {
  const { contents } = await client.request({ method: "resources/read", params: { uri } }, ContentsSchema, {
    signal: limits.signal,
    timeout: limits.timeoutMs,
  });
  return contents;
}
