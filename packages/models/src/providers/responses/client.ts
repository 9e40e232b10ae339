import { type ClientDeps, type EndpointOptions, FULL_CAPABILITIES } from "../../endpoint.ts";
import type { ModelClient } from "../../model-client.ts";
import { createHttpClient, endpointUrl, writerLookup } from "../../transport/http-client.ts";
import { WebSocketWay } from "./over-web-socket.ts";
import { createRequestWriter } from "./request-body.ts";
import { createResponsesDecoder } from "./stream-decoder.ts";

const PATH = "/responses";

/** A client for endpoints that speak the Responses API over server-sent events, and over WebSockets if they are offered. */
export function createResponsesClient(options: EndpointOptions, deps: ClientDeps): ModelClient {
  return createHttpClient(options, deps, FULL_CAPABILITIES, ({ capabilitiesFor, note }) => {
    const writerFor = writerLookup(capabilitiesFor, (capabilities) =>
      createRequestWriter(capabilities, note),
    );
    const sockets = options.webSockets
      ? new WebSocketWay(endpointUrl(options, PATH), options.webSocketConnectTimeoutMs)
      : null;
    return {
      path: PATH,
      prepare: (request) => {
        const writer = writerFor(request.model);
        return {
          body: () => writer.write(request),
          decoder: (facts) => createResponsesDecoder(facts, note),
          ...(sockets === null
            ? {}
            : { otherWay: (reading, refusal) => sockets.go({ request, writer, refusal }, reading) }),
        };
      },
      close: () => sockets?.close(),
    };
  });
}
