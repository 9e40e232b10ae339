import type { Catalogue, ModelClient, ModelEntry } from "@quire/models";
import { errorInfoOf } from "@quire/protocol";
import { ApiError, apiErrorOf } from "../http/api-error.ts";
import type { Upstream } from "./upstream.ts";

export interface ModelRouterConfig {
  upstreams: readonly Upstream[];
  /** Takes model ids that name no provider. */
  defaultUpstream: string;
  /** For requests that name no model. */
  defaultModel: string | null;
  /** Old names and what answers for them, for clients that ask for models which are gone. */
  aliases: ReadonlyMap<string, string>;
  catalogue: Catalogue;
  /** Whether a model that its catalogue entry gives to one wire API answers on the others as well. */
  bridge: boolean;
}

/** The embedded engine's provider id, which is its model id as well. */
const OFFLINE = "offline-repair";

/** Where a request goes. `model` is the id that the provider gets. */
export interface ResolvedUpstream {
  upstream: Upstream;
  client: ModelClient;
  model: string;
  entry: ModelEntry;
}

export interface ListedModel {
  id: string;
  object: "model";
  created: number;
  owned_by: string;
}

/** Which OpenAI endpoint a client called. */
export type Door = "responses" | "chat" | "completions";

const DOOR_PATHS: Readonly<Record<Door, string>> = {
  responses: "/v1/responses",
  chat: "/v1/chat/completions",
  completions: "/v1/completions",
};

/** Finds the provider of a model and keeps one client for each. */
export class ModelRouter {
  readonly #config: ModelRouterConfig;
  readonly #clients = new Map<string, Promise<ModelClient>>();

  constructor(config: ModelRouterConfig) {
    this.#config = config;
  }

  async resolve(requested: string | null | undefined, door: Door): Promise<ResolvedUpstream> {
    const asked = requested ?? this.#config.defaultModel;
    if (asked === null) {
      throw new ApiError(400, "No model was named, and the gateway has no default.", {
        param: "model",
        code: "missing_required_parameter",
      });
    }
    const { upstream, model } = this.#place(this.#config.aliases.get(asked) ?? asked);
    const lookup = this.#config.catalogue.findModel(model);
    if (lookup.kind === "retired" && upstream.id !== OFFLINE) {
      throw new ApiError(404, `${lookup.explanation} Map it with --alias ${asked}=MODEL to serve it.`, {
        param: "model",
        code: "model_not_found",
      });
    }
    const { id, model: entry } = this.#config.catalogue.resolveAlias(model);
    if (!this.#config.bridge && lookup.kind === "known" && !entry.endpoints.includes(door)) {
      const places = entry.endpoints.map((name) => (isDoor(name) ? DOOR_PATHS[name] : name)).join(", ");
      throw new ApiError(404, `The model "${id}" is served at ${places}, not at ${DOOR_PATHS[door]}.`, {
        param: "model",
        code: "model_not_supported",
      });
    }
    if (door !== "completions" && upstream.features.has("bare_prompts")) {
      throw new ApiError(
        404,
        `The provider "${upstream.id}" only completes text: use ${DOOR_PATHS.completions}.`,
        {
          param: "model",
          code: "model_not_supported",
        },
      );
    }
    return { upstream, client: await this.#client(upstream), model: id, entry };
  }

  /** What `/v1/models` lists: what the configuration names, and what the catalogue knows of the default provider. */
  list(): ListedModel[] {
    const { catalogue, upstreams, defaultUpstream, defaultModel, aliases } = this.#config;
    const listed = new Map<string, ListedModel>();
    const add = (id: string, ownedBy: string) => {
      if (!listed.has(id))
        listed.set(id, { id, object: "model", created: releasedAt(catalogue, id), owned_by: ownedBy });
    };
    if (defaultModel !== null) add(defaultModel, this.#place(defaultModel).upstream.id);
    if (upstreams.some((upstream) => upstream.id === OFFLINE)) add(OFFLINE, OFFLINE);
    if (defaultUpstream === "openai") {
      for (const model of catalogue.models) {
        const served = model.endpoints.some((endpoint) => endpoint === "responses" || endpoint === "chat");
        if (served && model.status.kind !== "retired") add(model.id, "openai");
      }
    }
    for (const [name, target] of aliases) add(name, this.#place(target).upstream.id);
    return [...listed.values()];
  }

  async close(): Promise<void> {
    const clients = await Promise.allSettled(this.#clients.values());
    for (const client of clients) if (client.status === "fulfilled") client.value.close();
  }

  /** `provider/model` names a provider; every other id goes to the default one. */
  #place(id: string): { upstream: Upstream; model: string } {
    const { upstreams, defaultUpstream } = this.#config;
    const slash = id.indexOf("/");
    const named =
      id === OFFLINE
        ? upstreams.find((upstream) => upstream.id === OFFLINE)
        : upstreams.find((upstream) => slash > 0 && upstream.id === id.slice(0, slash));
    if (named !== undefined) return { upstream: named, model: id === OFFLINE ? id : id.slice(slash + 1) };
    const fallback = upstreams.find((upstream) => upstream.id === defaultUpstream);
    if (fallback === undefined || (fallback.id === OFFLINE && id !== OFFLINE)) {
      throw new ApiError(404, `The model "${id}" is not served here. GET /v1/models lists what is.`, {
        param: "model",
        code: "model_not_found",
      });
    }
    return { upstream: fallback, model: id };
  }

  async #client(upstream: Upstream): Promise<ModelClient> {
    const opening = this.#clients.get(upstream.id) ?? upstream.open();
    this.#clients.set(upstream.id, opening);
    try {
      return await opening;
    } catch (thrown) {
      // A provider that could not be opened, for want of a key for example, is tried anew by the next request.
      this.#clients.delete(upstream.id);
      throw apiErrorOf(errorInfoOf(thrown), 0);
    }
  }
}

function isDoor(name: string): name is Door {
  return name === "responses" || name === "chat" || name === "completions";
}

/** Unix seconds; 0 where no source gives a date. */
function releasedAt(catalogue: Catalogue, id: string): number {
  const date = catalogue.findModel(id).model.released.at(0)?.date;
  const time = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(time) ? 0 : Math.floor(time / 1000);
}
