import { type WireItem, WireItemSchema } from "@quire/protocol/app-server";

interface Parsed {
  readonly success: boolean;
  readonly data?: unknown;
}
interface Schema {
  safeParse(value: unknown): Parsed;
}

/**
 * Parses what a server says; items that this version does not know do not make the rest unknown. Such an item is handed on
 * as it came, under its own type; one of a known type in an unknown shape is handed on as `newer:<type>`, so that nobody
 * takes it for what they know.
 */
export function parseWithNewerItems(schema: Schema, value: unknown): Parsed {
  const strict = schema.safeParse(value);
  if (strict.success) return strict;
  const kept = new Map<string, object>();
  const replaced = withItems(value, (item) => {
    if (WireItemSchema.safeParse(item).success) return item;
    const id = `newer-${kept.size}`;
    kept.set(id, newerItem(item));
    return { id, type: "warning", code: "item_unknown", message: "" };
  });
  if (kept.size === 0) return strict;
  const parsed = schema.safeParse(replaced);
  if (!parsed.success) return strict;
  return { success: true, data: withItems(parsed.data, (item) => kept.get(item.id) ?? item) };
}

interface ItemLike {
  readonly id: string;
  readonly type: string;
}

/** Where items stand in notifications and answers: below these names, and nowhere else. */
const PATHS = new Set(["item", "items", "turn", "turns", "thread", "data"]);

function withItems(value: unknown, change: (item: ItemLike) => object): unknown {
  if (Array.isArray(value))
    return value.map((part) => (isItem(part) ? change(part) : withItems(part, change)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => {
      if (!PATHS.has(name)) return [name, part];
      return [name, name === "item" && isItem(part) ? change(part) : withItems(part, change)];
    }),
  );
}

/** Turns and threads have an id as well, but no type. */
function isItem(value: unknown): value is ItemLike {
  if (typeof value !== "object" || value === null) return false;
  return "id" in value && typeof value.id === "string" && "type" in value && typeof value.type === "string";
}

function newerItem(item: ItemLike): object {
  return KNOWN.has(item.type) ? { ...item, type: `newer:${item.type}` } : item;
}

const KNOWN: ReadonlySet<string> = new Set<WireItem["type"]>([
  "userMessage",
  "agentMessage",
  "reasoning",
  "plan",
  "commandExecution",
  "fileChange",
  "dynamicToolCall",
  "mcpToolCall",
  "webSearch",
  "imageView",
  "enteredReviewMode",
  "exitedReviewMode",
  "contextCompaction",
  "approval",
  "networkAccess",
  "warning",
]);
