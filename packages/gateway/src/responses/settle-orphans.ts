import type { ResponseRecord } from "../store/response-record.ts";
import type { ResponseStore } from "../store/response-store.ts";
import { isTerminal, type ResponseObject } from "./response-object.ts";

/** What a process that is gone was running is now known to have failed; says how many these were. */
export function settleOrphans(store: ResponseStore): number {
  const orphans = store.orphans();
  for (const id of orphans) {
    const record = store.load(id);
    if (record !== null && !isTerminal(record.response.status)) settle(record, store);
    store.unmarkRunning(id);
  }
  return orphans.length;
}

function settle(record: ResponseRecord, store: ResponseStore): void {
  const { response, hasEvents } = record;
  const error = {
    code: "server_error",
    message: "The gateway ended before this response did; what was not written down by then is lost.",
  };
  const settled: ResponseObject = { ...response, status: "failed", error };
  for (const item of settled.output) if (item.status === "in_progress") item.status = "incomplete";
  if (hasEvents) {
    store.cutTornEvent(response.id);
    const sequence_number = store.events(response.id).length;
    const event = { type: "response.failed", sequence_number, response: settled };
    store.appendEvent(response.id, JSON.stringify(event));
  }
  store.save({ ...record, response: settled });
}
