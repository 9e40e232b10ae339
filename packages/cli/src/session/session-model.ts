import type { Redactor, ThreadParts } from "@quire/core";
import { type Catalogue, costOf, type ModelClient } from "@quire/models";
import { modelCatalogue } from "./model/model-catalogue.ts";
import { type ModelChoice, OFFLINE_MODEL } from "./model/model-choice.ts";
import { openModelClient } from "./model/model-client.ts";
import { sessionRedactor } from "./session-redactor.ts";
import type { SessionRequest } from "./session-request.ts";
import { knownCapabilities } from "./session-state.ts";
import { localDate } from "./surroundings.ts";

/** Who answers in a session, what is known of models, and what hides their keys. */
export interface SessionModel {
  readonly client: ModelClient;
  readonly catalogue: Catalogue;
  readonly known: ReturnType<typeof knownCapabilities>;
  readonly priceOf: ThreadParts["priceOf"];
  readonly redactor: Redactor;
}

/** `note` gets what the client passed over and a person should know. Nothing is sent yet. */
export async function openSessionModel(
  request: SessionRequest,
  choice: ModelChoice,
  note: (message: string) => void,
): Promise<SessionModel> {
  const { system, home, loaded } = request;
  const redactor = sessionRedactor(system, home, loaded.config, choice);
  const learnToken = (value: string) => redactor.learn({ name: "MODEL_TOKEN", value });
  const catalogue = modelCatalogue(loaded.config);
  const known = knownCapabilities(request, catalogue, choice);
  const client = request.modelClient ?? (await openModelClient(choice, system, note, learnToken, known));
  return {
    client,
    catalogue,
    known,
    priceOf: (usage, id) =>
      id === OFFLINE_MODEL
        ? { kind: "known", usd: 0, priced_as_of: localDate(system) }
        : costOf(usage, catalogue.resolveAlias(id).model),
    redactor,
  };
}
