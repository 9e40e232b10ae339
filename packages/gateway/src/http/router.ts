import type { Exchange } from "./exchange.ts";

export type Method = "GET" | "POST" | "DELETE";

/** One endpoint. `:name` in the path takes one segment, which the handler finds in `exchange.params`. */
export interface Route {
  method: Method;
  path: string;
  /** What a body has to be; JSON by default. */
  body?: "form";
  handle(exchange: Exchange): Promise<void> | void;
}

export type RouteMatch =
  | { kind: "found"; route: Route; params: Readonly<Record<string, string>> }
  | { kind: "wrong-method"; allowed: readonly Method[] }
  | { kind: "unknown" };

/** Finds the route of a request; `pathname` is still percent-encoded. */
export function matchRoute(routes: readonly Route[], method: string, pathname: string): RouteMatch {
  const segments = pathname.split("/");
  const allowed: Method[] = [];
  for (const route of routes) {
    const params = paramsOf(route.path.split("/"), segments);
    if (params === null) continue;
    if (route.method === method) return { kind: "found", route, params };
    allowed.push(route.method);
  }
  return allowed.length === 0 ? { kind: "unknown" } : { kind: "wrong-method", allowed };
}

function paramsOf(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  // A last parameter with a star takes what is left, slashes included: model ids have them.
  const rest = pattern.at(-1)?.startsWith("*") ?? false;
  if (rest ? segments.length < pattern.length : segments.length !== pattern.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const last = rest && index === pattern.length - 1;
    const segment = last ? segments.slice(index).join("/") : (segments[index] ?? "");
    if (!part.startsWith(":") && !last) {
      if (part !== segment) return null;
      continue;
    }
    const value = decoded(segment);
    if (value === null || value === "") return null;
    params[part.slice(1)] = value;
  }
  return params;
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not percent-encoded text: no route has such a segment.
    return null;
  }
}
