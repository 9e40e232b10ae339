import type { QuireConfig } from "@quire/config";
import type { HostedWebSearch } from "@quire/models";
import type { ModelChoice } from "../model/model-choice.ts";
import type { SessionWarning } from "../session-request.ts";

/** Whether the endpoint of a choice has a search of its own, as far as the configuration tells. */
export function hasWebSearch(choice: ModelChoice): boolean {
  if (choice.kind === "offline") return false;
  return choice.provider.supportsWebSearch ?? choice.provider.wireApi === "responses";
}

/** The search that a configuration asks for; null when it asks for none, or the endpoint has none. */
export function wantedWebSearch(config: QuireConfig, choice: ModelChoice): HostedWebSearch | null {
  if (config.webSearch === "disabled" || !hasWebSearch(choice)) return null;
  return { access: config.webSearch, ...config.webSearchOptions };
}

/** Which tools of our own stand in for a search that the endpoint does not have. */
export function ownWebTools(config: QuireConfig, choice: ModelChoice): { search: boolean; fetch: boolean } {
  const wanted = config.webSearch !== "disabled" && choice.kind !== "offline" && !hasWebSearch(choice);
  return {
    search: wanted && config.webSearchService !== null,
    // "cached" means that no page is fetched.
    fetch: wanted && config.webSearch !== "cached",
  };
}

/** What to say when a search is asked for that neither the endpoint nor a service of the user's has. */
export function webSearchWarnings(config: QuireConfig, choice: ModelChoice): SessionWarning[] {
  if (config.webSearch === "disabled" || hasWebSearch(choice)) return [];
  const own = ownWebTools(config, choice);
  if (own.search) return [];
  const who =
    choice.kind === "offline" ? "The offline repair engine" : `The provider "${choice.provider.id}"`;
  const what = own.fetch
    ? "only web_fetch is offered; tools.web_search.endpoint names a search service"
    : `web_search = "${config.webSearch}" does nothing`;
  return [{ code: "web_search_unavailable", message: `${who} has no web search of its own, so ${what}.` }];
}
