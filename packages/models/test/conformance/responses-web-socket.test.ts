import { scriptedResponses } from "@quire/test-support";
import { createResponsesClient } from "../../src/providers/responses/client.ts";
import { providerConformance } from "./provider-conformance.ts";

providerConformance("responses over WebSocket", {
  createClient: (options, deps) => createResponsesClient({ ...options, webSockets: true }, deps),
  startServer: (steps, options) => scriptedResponses(steps, { ...options, webSockets: true }),
  conversations: true,
  reasoning: true,
  freeformTools: true,
  limitIsFailure: true,
  errorBody: (code, message) => JSON.stringify({ error: { code, type: code, message } }),
  keyHeader: (key) => ["authorization", `Bearer ${key}`],
});
