import {
  type Capabilities,
  type ClientDeps,
  type EndpointOptions,
  FULL_CAPABILITIES,
} from "../../endpoint.ts";
import type { ModelClient } from "../../model-client.ts";
import { createHttpClient } from "../../transport/http-client.ts";
import { createRequestWriter, type RequestWriter } from "./request-body.ts";
import { createResponsesDecoder } from "./stream-decoder.ts";

/** A client for endpoints that speak the Responses API over server-sent events. */
export function createResponsesClient(options: EndpointOptions, deps: ClientDeps): ModelClient {
  return createHttpClient(options, deps, FULL_CAPABILITIES, ({ capabilitiesFor, note }) => {
    const writers = new Map<Capabilities, RequestWriter>();
    const writerFor = (model: string): RequestWriter => {
      const capabilities = capabilitiesFor(model);
      const writer = writers.get(capabilities) ?? createRequestWriter(capabilities, note);
      writers.set(capabilities, writer);
      return writer;
    };
    return {
      path: "/responses",
      prepare: (request) => ({
        body: writerFor(request.model).write(request),
        decoder: (facts) => createResponsesDecoder(facts, note),
      }),
    };
  });
}
