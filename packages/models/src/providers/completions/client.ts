import { type ClientDeps, type EndpointOptions, FULL_CAPABILITIES } from "../../endpoint.ts";
import type { ModelClient } from "../../model-client.ts";
import { createHttpClient } from "../../transport/http-client.ts";
import { writeCompletionBody } from "./request-body.ts";
import { createCompletionDecoder } from "./stream-decoder.ts";

/** A client for the legacy Completions API: a prompt in, text out. For inline completion; it declines tools. */
export function createCompletionsClient(options: EndpointOptions, deps: ClientDeps): ModelClient {
  const defaults = { ...FULL_CAPABILITIES, freeformTools: false, images: false, reasoning: false };
  return createHttpClient(options, deps, defaults, ({ capabilitiesFor, newId }) => ({
    path: "/completions",
    prepare: (request) => ({
      body: () => writeCompletionBody(request, capabilitiesFor(request.model)),
      decoder: (facts) => createCompletionDecoder(facts, newId),
    }),
  }));
}
