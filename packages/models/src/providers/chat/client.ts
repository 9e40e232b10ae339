import {
  type Capabilities,
  type ClientDeps,
  type EndpointOptions,
  FULL_CAPABILITIES,
} from "../../endpoint.ts";
import type { ModelClient } from "../../model-client.ts";
import { createHttpClient, writerLookup } from "../../transport/http-client.ts";
import { createChatWriter } from "./request-body.ts";
import { createChatDecoder } from "./stream-decoder.ts";

/** A client for endpoints that speak Chat Completions: gateways, local servers, and OpenAI itself. */
export function createChatClient(options: EndpointOptions, deps: ClientDeps): ModelClient {
  const defaults = chatCapabilities(options.baseUrl);
  return createHttpClient(options, deps, defaults, ({ capabilitiesFor, note, newId }) => {
    const writerFor = writerLookup(capabilitiesFor, (capabilities) => createChatWriter(capabilities, note));
    return {
      path: "/chat/completions",
      prepare: (request) => {
        const { textToolCalls, tools } = capabilitiesFor(request.model);
        const named = textToolCalls || !tools ? request.tools : [];
        const openJson = request.outputSchema === undefined;
        return {
          body: () => writerFor(request.model)(request),
          decoder: (facts) => createChatDecoder({ facts, newId, tools: named, openJson }),
        };
      },
    };
  });
}

/** OpenAI's own service takes fields that others refuse as unknown, and its models never print calls as text. */
function chatCapabilities(baseUrl: string): Capabilities {
  const own = /^https:\/\/([\w.-]+\.)?(openai\.com|openai\.azure\.com)(\/|$)/i.test(baseUrl);
  return {
    ...FULL_CAPABILITIES,
    freeformTools: false,
    verbosity: own,
    promptCacheKey: own,
    textToolCalls: !own,
    outputLimitField: own ? "max_completion_tokens" : "max_tokens",
  };
}
