import { type ClientDeps, type EndpointOptions, FULL_CAPABILITIES } from "../../endpoint.ts";
import type { ModelClient } from "../../model-client.ts";
import { createHttpClient, writerLookup } from "../../transport/http-client.ts";
import { createAnthropicWriter } from "./request-body.ts";
import { createAnthropicDecoder } from "./stream-decoder.ts";

const VERSION = "2023-06-01";

/** A client for endpoints that speak Anthropic's Messages API. A base URL without a path gets `/v1`. */
export function createAnthropicClient(options: EndpointOptions, deps: ClientDeps): ModelClient {
  const defaults = { ...FULL_CAPABILITIES, freeformTools: false, verbosity: false };
  const bare = new URL(options.baseUrl).pathname === "/";
  return createHttpClient(options, deps, defaults, ({ capabilitiesFor, note, newId }) => {
    const writerFor = writerLookup(capabilitiesFor, (capabilities) =>
      createAnthropicWriter(capabilities, note),
    );
    return {
      path: bare ? "/v1/messages" : "/messages",
      headers: { "anthropic-version": VERSION },
      authHeaders: (token) => ({ "x-api-key": token }),
      prepare: (request) => ({
        body: () => writerFor(request.model)(request),
        decoder: (facts) => createAnthropicDecoder({ facts, newId, note }),
      }),
    };
  });
}
