import { scriptedResponses } from "@quire/test-support";
import { createChatClient } from "../../src/providers/chat/client.ts";
import { providerConformance } from "./provider-conformance.ts";

providerConformance("chat", {
  createClient: createChatClient,
  startServer: scriptedResponses,
  conversations: true,
  reasoning: true,
  freeformTools: false,
  limitIsFailure: true,
  errorBody: (code, message) => JSON.stringify({ error: { code, type: code, message } }),
  keyHeader: (key) => ["authorization", `Bearer ${key}`],
});
