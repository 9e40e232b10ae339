/** A search service that answers with JSON. */
export interface SearchEndpoint {
  url: string;
  /** The parameter that carries the words. */
  queryParameter: string;
  /** Further parameters. */
  parameters: Readonly<Record<string, string>>;
  /** For example a key; sent to this service only. */
  headers: Readonly<Record<string, string>>;
  /** Where the list lies in the answer, and the fields of an entry, as paths with dots. */
  fields: { results: string; title: string; url: string; snippet: string };
}

/** As SearXNG answers. */
export const SEARXNG: Omit<SearchEndpoint, "url" | "headers"> = {
  queryParameter: "q",
  parameters: { format: "json" },
  fields: { results: "results", title: "title", url: "url", snippet: "content" },
};

export interface FoundPage {
  title: string;
  url: string;
  snippet: string;
}

export function searchUrl(endpoint: SearchEndpoint, query: string): URL {
  const url = new URL(endpoint.url);
  for (const [name, value] of Object.entries(endpoint.parameters)) url.searchParams.set(name, value);
  url.searchParams.set(endpoint.queryParameter, query);
  return url;
}

/**
 * The pages in an answer, or what is wrong with it. Entries without a web address are left out, and with `domains` those
 * of other hosts.
 */
export function foundPages(
  body: string,
  { fields }: SearchEndpoint,
  { most, domains }: { most: number; domains: readonly string[] },
): { kind: "found"; pages: FoundPage[] } | { kind: "unusable"; why: string } {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return { kind: "unusable", why: "its answer is not JSON" };
  }
  const list = at(answer, fields.results);
  if (!Array.isArray(list)) return { kind: "unusable", why: `its answer has no list at "${fields.results}"` };
  const pages: FoundPage[] = [];
  for (const entry of list) {
    const url = at(entry, fields.url);
    if (pages.length === most) break;
    if (typeof url !== "string" || !isWebAddress(url) || !isOf(url, domains)) continue;
    if (pages.some((page) => page.url === url)) continue;
    pages.push({ url, title: wordsAt(entry, fields.title), snippet: wordsAt(entry, fields.snippet) });
  }
  return { kind: "found", pages };
}

function at(value: unknown, path: string): unknown {
  let here: unknown = value;
  for (const name of path.split(".")) {
    if (name === "") continue;
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, name)) return undefined;
    here = Object.getOwnPropertyDescriptor(here, name)?.value;
  }
  return here;
}

/** Without the marks with which services set the found words off. */
function wordsAt(entry: unknown, path: string): string {
  const value = at(entry, path);
  if (typeof value !== "string") return "";
  return value
    .replace(/<\/?[a-z][^>]{0,40}>/gi, "")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 500);
}

function isWebAddress(text: string): boolean {
  return text.length <= 2_000 && /^https?:\/\//i.test(text) && URL.canParse(text);
}

function isOf(url: string, domains: readonly string[]): boolean {
  if (domains.length === 0) return true;
  const { hostname } = new URL(url);
  return domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
}
