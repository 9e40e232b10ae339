import {
  type Capabilities,
  type ClientDeps,
  type EndpointOptions,
  FULL_CAPABILITIES,
} from "../../endpoint.ts";
import type { ModelClient } from "../../model-client.ts";
import { createHttpClient } from "../../transport/http-client.ts";
import { writeChatBody } from "./request-body.ts";
import { createChatDecoder } from "./stream-decoder.ts";

/** A client for endpoints that speak Chat Completions: gateways, local servers, and OpenAI itself. */
export function createChatClient(options: EndpointOptions, deps: ClientDeps): ModelClient {
  const defaults = chatCapabilities(options.baseUrl);
  return createHttpClient(options, deps, defaults, ({ capabilitiesFor, note, newId }) => ({
    path: "/chat/completions",
    prepare: (request) => {
      const capabilities = capabilitiesFor(request.model);
      const named = capabilities.textToolCalls ? request.tools : [];
      const openJson = request.outputSchema === undefined;
      return {
        body: () => writeChatBody(request, capabilities, note),
        decoder: (facts) => createChatDecoder({ facts, newId, tools: named, openJson }),
      };
    },
  }));
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
