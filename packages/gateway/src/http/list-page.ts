import { invalidValue } from "./api-error.ts";
import type { Exchange } from "./exchange.ts";

export interface PageRules {
  defaultLimit: number;
  maxLimit: number;
}

/** A page of a list that is given oldest first, by `limit`, `order` (newest first by default) and `after`. */
export function listPage(items: readonly { id: string }[], exchange: Exchange, rules: PageRules): object {
  const limit = exchange.queryNumber("limit", rules.defaultLimit, { min: 1, max: rules.maxLimit });
  const order = exchange.query.get("order") ?? "desc";
  if (order !== "asc" && order !== "desc") throw invalidValue("order", "'order' is asc or desc.");
  const ordered = order === "asc" ? items : [...items].reverse();
  const after = exchange.query.get("after");
  const at = after === null ? -1 : ordered.findIndex((item) => item.id === after);
  if (after !== null && at < 0) throw invalidValue("after", `There is no '${after}' in this list.`);
  const data = ordered.slice(at + 1, at + 1 + limit);
  return {
    object: "list",
    data,
    first_id: data.at(0)?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: at + 1 + limit < ordered.length,
  };
}
