import type { NetworkConfig, QuireConfig, WebSearchService } from "@quire/config";
import type { RulesPolicy } from "@quire/execpolicy/rules";
import { CodedError, type SandboxMode } from "@quire/protocol";
import type { NetworkHooks, ProxyRules } from "@quire/sandbox";
import { openWebDoor, type WebDoor } from "@quire/sandbox/web-door";
import type { Tool } from "@quire/tools";
import { createWebFetchTool, createWebSearchTool, SEARXNG, type SearchEndpoint } from "@quire/tools/web";
import type { System } from "../../system.ts";

/** Under which settings pages are fetched. */
export interface WebPlace {
  config: Pick<QuireConfig, "network" | "workspaceWrite">;
  mode: SandboxMode;
}

export interface WebToolsParts {
  wanted: { search: boolean; fetch: boolean };
  config: Pick<QuireConfig, "webSearchService" | "webSearchOptions">;
  saved: Pick<RulesPolicy, "networkRules">;
  /** How decisions are asked about and recorded, as for the thread's commands. */
  hooks: (config: NetworkConfig) => NetworkHooks;
  system: Pick<System, "env" | "now">;
}

export interface WebTools {
  tools: readonly Tool[];
  /** To be hidden wherever they turn up. */
  secrets: readonly { name: string; value: string }[];
  /** Pages are fetched under these settings from now on. */
  moveTo(place: WebPlace): void;
  close(): void;
}

/** Our own search and fetch. Fails with `config_invalid` when the search service cannot be used. */
export function openWebTools(parts: WebToolsParts, first: WebPlace): WebTools {
  const { wanted, config, system } = parts;
  let doors = openDoors(parts, first);
  const service = wanted.search ? config.webSearchService : null;
  const endpoint = service === null ? null : searchEndpoint(service, system);
  const tools: Tool[] = [];
  if (service !== null && endpoint !== null) {
    const { allowedDomains } = config.webSearchOptions;
    tools.push(
      createWebSearchTool({
        endpoint,
        door: () => doors.search,
        domains: allowedDomains,
        maxResults: service.maxResults,
        now: system.now,
      }),
    );
  }
  if (wanted.fetch) tools.push(createWebFetchTool({ door: () => doors.fetch, now: system.now }));
  const closeDoors = () => {
    doors.search.close();
    doors.fetch.close();
  };
  const key = service?.key ?? null;
  return {
    tools,
    secrets: key === null ? [] : [{ name: key.env, value: system.env[key.env] ?? "" }],
    moveTo(place) {
      // What still runs was allowed when it began; its door ends with the thread at the latest.
      doors = openDoors(parts, place);
    },
    close: closeDoors,
  };
}

function openDoors(parts: WebToolsParts, { config, mode }: WebPlace): { search: WebDoor; fetch: WebDoor } {
  const { network, workspaceWrite } = config;
  const { ask, ...hooks } = { onDecision: () => {}, ...parts.hooks(network) };
  const saved = (decision: string) =>
    parts.saved.networkRules.filter((rule) => rule.decision === decision).map(({ host }) => host);
  const deny = [...network.deny, ...saved("forbidden")];
  const isOpen =
    mode === "danger-full-access" ||
    (mode === "workspace-write" && !network.enabled && workspaceWrite.networkAccess);
  const allow = isOpen ? ["*"] : [...network.allow, ...saved("allow")];
  const { webSearchService: service } = parts.config;
  const rules = (allowed: readonly string[]): ProxyRules => ({ allow: allowed, deny });
  return {
    // The user named the service, so nobody is asked about it.
    search: openWebDoor({ ...hooks, rules: rules(service === null ? [] : [placeOf(service)]) }),
    fetch: openWebDoor({ ...hooks, ...(ask === undefined ? {} : { ask }), rules: rules(allow) }),
  };
}

function searchEndpoint(service: WebSearchService, { env }: Pick<System, "env">): SearchEndpoint {
  const { key, fields } = service;
  const value = key === null ? "" : (env[key.env]?.trim() ?? "");
  if (key !== null && value === "") {
    throw unusable(`its key is missing: ${key.env} is not set`, `Set ${key.env}.`);
  }
  return {
    url: service.endpoint,
    queryParameter: service.queryParameter ?? SEARXNG.queryParameter,
    parameters: service.parameters ?? SEARXNG.parameters,
    headers: key === null ? {} : { [key.header.toLowerCase()]: key.prefix + value },
    fields: {
      results: fields.results ?? SEARXNG.fields.results,
      title: fields.title ?? SEARXNG.fields.title,
      url: fields.url ?? SEARXNG.fields.url,
      snippet: fields.snippet ?? SEARXNG.fields.snippet,
    },
  };
}

/** Host and port as a rule names them; only these are reached for a search. */
function placeOf({ endpoint }: WebSearchService): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:") || url.username !== "") {
    throw unusable("its address is none of the web", "Begin it with https:// or http://.");
  }
  return `${url.hostname}:${url.port === "" ? (url.protocol === "https:" ? 443 : 80) : url.port}`;
}

function unusable(why: string, nextStep: string): CodedError {
  return new CodedError("config_invalid", `the search service of tools.web_search cannot be used: ${why}`, {
    nextStep,
  });
}
