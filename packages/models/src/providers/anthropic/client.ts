import { type ClientDeps, type EndpointOptions, FULL_CAPABILITIES } from "../../endpoint.ts";
import type { ModelClient } from "../../model-client.ts";
import { createHttpClient } from "../../transport/http-client.ts";
import { writeAnthropicBody } from "./request-body.ts";
import { createAnthropicDecoder } from "./stream-decoder.ts";

const VERSION = "2023-06-01";

/** A client for endpoints that speak Anthropic's Messages API. A base URL without a path gets `/v1`. */
export function createAnthropicClient(options: EndpointOptions, deps: ClientDeps): ModelClient {
  const defaults = { ...FULL_CAPABILITIES, freeformTools: false, verbosity: false };
  const bare = new URL(options.baseUrl).pathname === "/";
  return createHttpClient(options, deps, defaults, ({ capabilitiesFor, note, newId }) => ({
    path: bare ? "/v1/messages" : "/messages",
    headers: { "anthropic-version": VERSION },
    authHeaders: (token) => ({ "x-api-key": token }),
    prepare: (request) => ({
      body: () => writeAnthropicBody(request, capabilitiesFor(request.model), note),
      decoder: (facts) => createAnthropicDecoder({ facts, newId, note }),
    }),
  }));
}
