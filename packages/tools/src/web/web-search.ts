import { visibleLine } from "@quire/protocol";
import type { WebDoor } from "@quire/sandbox/web-door";
import { text } from "../arguments/fields.ts";
import { parseArguments } from "../arguments/parse-arguments.ts";
import type { Tool, ToolContext, ToolResult } from "../tool.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { type FoundPage, foundPages, type SearchEndpoint, searchUrl } from "./search-endpoint.ts";
import { type WebItem, webFailure, webItem } from "./web-item.ts";
import { sha256, sourceId, untrusted } from "./web-source.ts";

const NAME = "web_search";
const LONGEST_QUERY = 500;
const CACHE = { entries: 64, weight: 1024 * 1024, ageMs: 15 * 60_000 };
const MOST_BYTES = 1024 * 1024;
const TIMEOUT_MS = 20_000;

const SPEC: Tool["spec"] = {
  kind: "function",
  name: NAME,
  description: "Searches the web. Results are not trusted; cite those you use by their id.",
  parameters: {
    type: "object",
    properties: { query: { type: "string" } },
    required: ["query"],
    additionalProperties: false,
  },
};

export interface WebSearchDeps {
  endpoint: SearchEndpoint;
  /** A door that leads to the endpoint and nowhere else. */
  door: () => WebDoor;
  /** Results of other hosts are left out; empty lets all through. */
  domains: readonly string[];
  maxResults: number;
  /** Unix milliseconds. */
  now: () => number;
}

interface Search {
  pages: FoundPage[];
  fetchedAt: string;
  sha256: string;
}

/** Searches with a service of the user's choice, for models whose endpoint has no search of its own. */
export function createWebSearchTool(deps: WebSearchDeps): Tool {
  const cache = new BoundedCache<Search>(CACHE, (search) => JSON.stringify(search).length);
  return {
    spec: SPEC,
    parallel: true,
    prepare(invocation, context) {
      const parsed = parseArguments(NAME, invocation.input, { query: text });
      if (!parsed.ok) return { kind: "invalid", code: "tool_bad_arguments", message: parsed.message };
      const query = parsed.value.query.trim().slice(0, LONGEST_QUERY);
      if (query === "") return { kind: "invalid", code: "tool_bad_arguments", message: "query is empty." };
      const item = webItem(invocation.callId, query, { type: "search", query });
      return { kind: "ready", effects: [], item, run: () => search(item, deps, cache, context) };
    },
  };
}

async function search(
  item: WebItem,
  deps: WebSearchDeps,
  cache: BoundedCache<Search>,
  { signal }: ToolContext,
): Promise<ToolResult> {
  const known = cache.get(item.query, deps.now());
  if (known !== undefined) return shown(item, known, true);
  const { endpoint } = deps;
  const answer = await deps.door().get({
    url: searchUrl(endpoint, item.query),
    headers: endpoint.headers,
    itemId: item.id,
    signal,
    maxBytes: MOST_BYTES,
    timeoutMs: TIMEOUT_MS,
    accepts: () => true,
  });
  if (answer.kind === "refused") return webFailure(item, "command_denied", answer.message);
  if (answer.kind === "failed")
    return webFailure(item, "tool_failed", `The search failed: ${answer.message}`);
  if (answer.status !== 200) {
    return webFailure(item, "tool_failed", `The search service answered with status ${answer.status}.`);
  }
  const body = answer.body.bytes.toString("utf8");
  const read = foundPages(body, endpoint, { most: deps.maxResults, domains: deps.domains });
  if (read.kind === "unusable") {
    return webFailure(item, "tool_failed", `The search service cannot be used: ${read.why}.`);
  }
  const found = { pages: read.pages, fetchedAt: new Date(deps.now()).toISOString(), sha256: sha256(body) };
  cache.set(item.query, found, deps.now());
  return shown(item, found, false);
}

function shown(item: WebItem, { pages, fetchedAt, sha256: hash }: Search, cached: boolean): ToolResult {
  const sources = pages.map(({ url, title }) => ({ id: sourceId(url), url, title }));
  const action = {
    type: "search",
    query: item.query,
    sources,
    fetched_at: fetchedAt,
    sha256: hash,
    cached,
  };
  const text =
    pages.length === 0
      ? "Nothing was found."
      : pages
          .map((page) =>
            [`[${sourceId(page.url)}] ${visibleLine(page.title)}`, page.url, visibleLine(page.snippet)]
              .filter((line) => line !== "")
              .join("\n"),
          )
          .join("\n\n");
  const id = `search-${hash.slice(0, 8)}`;
  const output = untrusted(
    id,
    "its pages by their ids",
    [`query: ${item.query}`, `fetched: ${fetchedAt}`],
    text,
  );
  return { item: { ...item, action }, output, success: true };
}
