import { scriptedResponses } from "@quire/test-support";
import { createCompletionsClient } from "../../src/providers/completions/client.ts";
import { providerConformance } from "./provider-conformance.ts";

providerConformance("completions", {
  createClient: createCompletionsClient,
  startServer: scriptedResponses,
  conversations: false,
  reasoning: false,
  freeformTools: false,
  limitIsFailure: false,
  errorBody: (code, message) => JSON.stringify({ error: message, code }),
  keyHeader: (key) => ["authorization", `Bearer ${key}`],
});
