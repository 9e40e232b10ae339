import type { ResponseItem } from "@quire/protocol";
import { ApiError, invalidValue } from "../http/api-error.ts";
import type { ResponseStore } from "../store/response-store.ts";
import { isTerminal } from "./response-object.ts";

/** Responses that one chain may go back over. */
const MAX_CHAIN = 1_000;

/** Everything that was said up to and including a response; nothing for null. */
export function chainUpTo(id: string | null, store: ResponseStore): ResponseItem[] {
  const turns: ResponseItem[][] = [];
  for (let next = id; next !== null; ) {
    const record = turns.length < MAX_CHAIN ? store.load(next) : null;
    if (record === null) {
      throw new ApiError(400, `The previous response '${next}' was not found.`, {
        param: "previous_response_id",
        code: "previous_response_not_found",
      });
    }
    if (!isTerminal(record.response.status)) {
      throw invalidValue("previous_response_id", `The response '${next}' is not finished.`);
    }
    turns.unshift([...record.context, ...record.produced]);
    next = record.response.previous_response_id;
  }
  return turns.flat();
}
