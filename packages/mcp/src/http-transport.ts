import type { FetchLike, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { TokenSource } from "./oauth/token-source.ts";

/** What one response, or one stream of events, may hold. */
const MAX_RESPONSE_BYTES = 48 * 1024 * 1024;

/**
 * Why an address may not be used, or null. Anything but https would show the token and every result to whoever is on the
 * way; on the own machine nobody is.
 */
export function addressProblem(url: string): string | null {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null) return "its url is not an address";
  if (parsed.protocol === "https:") return null;
  const local = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(parsed.hostname);
  if (parsed.protocol === "http:" && local) return null;
  return `its url must be https, or http on this machine, and is ${parsed.protocol}//${parsed.host}`;
}

/** Streamable HTTP, with bounded answers. Redirects to another origin fail the request. */
export function httpTransport(
  Transport: typeof StreamableHTTPClientTransport,
  options: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly tokens?: TokenSource | undefined;
  },
  onUnauthorized: () => void,
): StreamableHTTPClientTransport {
  const { url, headers, tokens } = options;
  return new Transport(new URL(url), {
    requestInit: { headers: { ...headers } },
    fetch: boundedFetch(tokens ?? null, onUnauthorized),
  });
}

/** A refusal is met once with a renewed token, where there is one to renew. */
function boundedFetch(tokens: TokenSource | null, onUnauthorized: () => void): FetchLike {
  const attempt = async (url: string | URL, init: RequestInit = {}) => {
    const token = await tokens?.token();
    if (token === undefined) return fetch(url, init);
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${token}`);
    return fetch(url, { ...init, headers });
  };
  return async (url, init) => {
    let response = await attempt(url, init);
    if (response.status === 401 && tokens !== null) {
      await response.body?.cancel();
      try {
        await tokens.onUnauthorized();
      } catch (thrown) {
        onUnauthorized();
        throw thrown;
      }
      response = await attempt(url, init);
    }
    if (response.status === 401 || response.status === 403) {
      await response.body?.cancel();
      onUnauthorized();
      throw new Error(
        `the server answered ${response.status}: its token is missing, wrong or not allowed (bearer_token_env_var names the variable that holds it, quire mcp login signs in)`,
      );
    }
    return bounded(response);
  };
}

function bounded(response: Response): Response {
  if (response.body === null) return response;
  let bytes = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > MAX_RESPONSE_BYTES) {
        controller.error(new Error(`the server sent more than ${MAX_RESPONSE_BYTES} bytes in one response`));
      } else controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(counted), { status, statusText, headers });
}
