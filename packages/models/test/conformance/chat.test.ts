import { scriptedResponses } from "@quire/test-support";
import { createChatClient } from "../../src/providers/chat/client.ts";
import { providerConformance } from "./provider-conformance.ts";

providerConformance("chat", {
  createClient: createChatClient,
  startServer: scriptedResponses,
  reasoning: true,
  freeformTools: false,
});
