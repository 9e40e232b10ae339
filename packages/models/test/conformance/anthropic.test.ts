import { scriptedResponses } from "@quire/test-support";
import { createAnthropicClient } from "../../src/providers/anthropic/client.ts";
import { providerConformance } from "./provider-conformance.ts";

providerConformance("anthropic", {
  createClient: createAnthropicClient,
  startServer: scriptedResponses,
  conversations: true,
  reasoning: true,
  freeformTools: false,
  limitIsFailure: true,
  errorBody: (code, message) => JSON.stringify({ type: "error", error: { type: code, message } }),
  keyHeader: (key) => ["x-api-key", key],
});
