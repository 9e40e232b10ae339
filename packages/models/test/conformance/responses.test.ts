import { scriptedResponses } from "@quire/test-support";
import { createResponsesClient } from "../../src/providers/responses/client.ts";
import { providerConformance } from "./provider-conformance.ts";

providerConformance("responses", {
  createClient: createResponsesClient,
  startServer: scriptedResponses,
  reasoning: true,
  freeformTools: true,
});
