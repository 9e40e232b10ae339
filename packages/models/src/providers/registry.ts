import { CodedError } from "@quire/protocol";
import type { ClientDeps, EndpointOptions } from "../endpoint.ts";
import type { ModelClient } from "../model-client.ts";

type CreateClient = (options: EndpointOptions, deps: ClientDeps) => ModelClient;

/** Wire APIs by the name that `wire_api` has in the configuration. Each is loaded only when it is used. */
const WIRE_APIS: ReadonlyMap<string, () => Promise<CreateClient>> = new Map([
  ["responses", async () => (await import("./responses/client.ts")).createResponsesClient],
  ["chat", async () => (await import("./chat/client.ts")).createChatClient],
  ["anthropic", async () => (await import("./anthropic/client.ts")).createAnthropicClient],
  ["completions", async () => (await import("./completions/client.ts")).createCompletionsClient],
]);

export function wireApiNames(): readonly string[] {
  return [...WIRE_APIS.keys()];
}

/** A client for an endpoint. Rejects with `config_invalid` for a wire API that does not exist. */
export async function createModelClient(
  wireApi: string,
  options: EndpointOptions,
  deps: ClientDeps,
): Promise<ModelClient> {
  const load = WIRE_APIS.get(wireApi);
  if (load === undefined) {
    throw new CodedError(
      "config_invalid",
      `The provider "${options.provider}" asks for the wire API "${wireApi}", which does not exist.`,
      { nextStep: `Set wire_api to one of: ${wireApiNames().join(", ")}.` },
    );
  }
  const create = await load();
  return create(options, deps);
}
