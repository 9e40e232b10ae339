import { ApiError, invalidValue } from "../http/api-error.ts";
import type { EventStream } from "../http/event-stream.ts";
import type { Exchange } from "../http/exchange.ts";
import { listPage } from "../http/list-page.ts";
import type { Route } from "../http/router.ts";
import type { ResponseRecord } from "../store/response-record.ts";
import { parseRequest } from "../wire/parse-request.ts";
import { CreateRequestSchema } from "./create-request.ts";
import type { LoggedEvent } from "./event-log.ts";
import { isTerminal } from "./response-object.ts";
import type { ResponseService } from "./response-service.ts";

/** `/v1/responses` and what hangs below it. */
export function responseRoutes(service: ResponseService): Route[] {
  return [
    { method: "POST", path: "/v1/responses", handle: (exchange) => create(service, exchange) },
    { method: "GET", path: "/v1/responses/:id", handle: (exchange) => retrieve(service, exchange) },
    { method: "DELETE", path: "/v1/responses/:id", handle: (exchange) => remove(service, exchange) },
    { method: "POST", path: "/v1/responses/:id/cancel", handle: (exchange) => cancel(service, exchange) },
    {
      method: "GET",
      path: "/v1/responses/:id/input_items",
      handle: (exchange) => inputItems(service, exchange),
    },
  ];
}

async function create(service: ResponseService, exchange: Exchange): Promise<void> {
  const request = parseRequest(CreateRequestSchema, await exchange.body());
  const live = await service.create(request, exchange.signal);
  if (live.log !== null) {
    // A request that fails before the model says anything is answered with its status, not with a stream.
    if (!live.response.background) await live.firstSign;
    return sendEvents(exchange.events(), live.log.read(-1, exchange.signal));
  }
  if (live.response.background) return exchange.json(live.response);
  const error = await live.done;
  if (error !== null) throw error;
  exchange.json(live.response);
}

async function retrieve(service: ResponseService, exchange: Exchange): Promise<void> {
  const id = exchange.param("id");
  const live = service.live(id);
  const record = known(service, exchange);
  const after = exchange.queryNumber("starting_after", -1, { min: -1, max: Number.MAX_SAFE_INTEGER });
  if (exchange.query.get("stream") !== "true") {
    if (after !== -1) throw invalidValue("starting_after", "'starting_after' needs 'stream=true'.");
    return exchange.json(live?.response ?? record.response);
  }
  if (!record.hasEvents) {
    throw invalidValue(
      "stream",
      "Only a response created with background=true and stream=true can be streamed again.",
    );
  }
  const events = live?.log
    ? live.log.read(after, exchange.signal)
    : service.storedEvents(id).slice(after + 1);
  return sendEvents(exchange.events(), events);
}

async function sendEvents(
  stream: EventStream,
  events: AsyncIterable<LoggedEvent> | Iterable<LoggedEvent>,
): Promise<void> {
  for await (const event of events) {
    if (stream.closed) return;
    await stream.send(event.json, event.type);
  }
  stream.end();
}

async function cancel(service: ResponseService, exchange: Exchange): Promise<void> {
  const record = known(service, exchange);
  const { id, background, status } = record.response;
  if (!background) throw invalidValue("response_id", "Only a background response can be cancelled.");
  const live = service.live(id);
  if (live !== undefined) {
    live.cancel();
    await live.done;
    return exchange.json(live.response);
  }
  if (!isTerminal(status)) throw elsewhere(id);
  exchange.json(record.response);
}

async function remove(service: ResponseService, exchange: Exchange): Promise<void> {
  const { id } = known(service, exchange).response;
  const live = service.live(id);
  if (live !== undefined) {
    live.cancel();
    await live.done;
  }
  service.delete(id);
  exchange.json({ id, object: "response", deleted: true });
}

function inputItems(service: ResponseService, exchange: Exchange): void {
  const { input } = known(service, exchange);
  exchange.json(listPage(input, exchange, { defaultLimit: 20, maxLimit: 100 }));
}

function known(service: ResponseService, exchange: Exchange): ResponseRecord {
  const id = exchange.param("id");
  const record = service.load(id);
  if (record !== null) return record;
  throw new ApiError(404, `Response with id '${id}' not found.`, { param: "response_id", code: "not_found" });
}

function elsewhere(id: string): ApiError {
  return new ApiError(409, `The response '${id}' is run by another gateway process.`, { code: "conflict" });
}
