import { type ClientDeps, type EndpointOptions, FULL_CAPABILITIES } from "../../endpoint.ts";
import type { ModelClient } from "../../model-client.ts";
import { createHttpClient } from "../../transport/http-client.ts";
import { createRequestWriter } from "./request-body.ts";
import { createResponsesDecoder } from "./stream-decoder.ts";

/** A client for endpoints that speak the Responses API over server-sent events. */
export function createResponsesClient(options: EndpointOptions, deps: ClientDeps): ModelClient {
  return createHttpClient(options, deps, FULL_CAPABILITIES, ({ capabilities, note }) => {
    const writer = createRequestWriter(capabilities, note);
    return {
      path: "/responses",
      prepare: (request) => ({
        body: writer.write(request),
        decoder: (facts) => createResponsesDecoder(facts, note),
      }),
    };
  });
}
