import type { ResponseItem } from "@quire/protocol";

/**
 * The form in which an item of the model joins the history. Server-side ids and statuses say nothing to a stateless
 * endpoint, differ between providers and would only cost bytes; reasoning keeps its id because its encrypted content is
 * bound to it, and a hosted search its status, which the endpoint wants to read.
 */
export function historyForm(item: ResponseItem): ResponseItem {
  if (item.type === "reasoning") {
    const { status: _status, ...rest } = item;
    return rest;
  }
  if (item.type === "web_search_call") {
    const { id: _id, ...rest } = item;
    return rest;
  }
  const { id: _id, status: _status, ...rest } = item;
  return rest;
}
