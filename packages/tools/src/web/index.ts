export { SEARXNG, type SearchEndpoint } from "./search-endpoint.ts";
export { createWebFetchTool, type WebFetchDeps } from "./web-fetch.ts";
export { createWebSearchTool, type WebSearchDeps } from "./web-search.ts";
