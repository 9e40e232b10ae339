import { scriptedResponses } from "@quire/test-support";
import { createAnthropicClient } from "../../src/providers/anthropic/client.ts";
import { providerConformance } from "./provider-conformance.ts";

providerConformance("anthropic", {
  createClient: createAnthropicClient,
  startServer: scriptedResponses,
  reasoning: true,
  freeformTools: false,
});
