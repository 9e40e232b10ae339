import type { FetchLike } from "@modelcontextprotocol/client";
import { addressProblem } from "../http-transport.ts";
import { listenForCallback } from "./callback-listener.ts";
import { guardedFetch } from "./guarded-fetch.ts";
import { loginProvider, type OAuthServer } from "./login-provider.ts";
import type { McpLoginStore } from "./login-record.ts";

export interface SignInDeps {
  readonly store: McpLoginStore;
  readonly now: () => number;
  /** At least 32 random bytes, as text that a URL can hold. */
  readonly newState: () => string;
  /** Where the browser comes back to; 0 for any free port. */
  readonly callbackPort: number;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
}

export interface SignIn {
  /** Where the person signs in: https, or http on this machine. */
  readonly authorizationUrl: string;
  /** Resolves when the tokens are kept. */
  readonly done: Promise<void>;
}

/**
 * Signs in to a server over HTTP: discovery, registration of a client, authorization code with PKCE. Rejects when that
 * cannot begin; what a server's metadata says is checked by the protocol's library (issuer, resource) and by the guarded
 * fetch (where it leads).
 */
export async function startSignIn(server: OAuthServer, deps: SignInDeps): Promise<SignIn> {
  const problem = addressProblem(server.url);
  if (problem !== null) throw new Error(problem);
  const { auth } = await import("@modelcontextprotocol/client");
  const state = deps.newState();
  const { signal } = deps;
  const listener = await listenForCallback({ port: deps.callbackPort, state, signal });
  try {
    let authorizationUrl: URL | null = null;
    const { redirectUrl } = listener;
    const provider = loginProvider({
      server,
      store: deps.store,
      now: deps.now,
      redirectUrl,
      state,
      anew: true,
      onAuthorize: (url) => {
        authorizationUrl = url;
      },
    });
    const fetchFn = await guardedFetch(server.url, signal);
    const resourceMetadataUrl = await namedMetadata(server.url, fetchFn);
    const where = { serverUrl: server.url, fetchFn, ...resourceMetadataUrl };
    await auth(provider, { ...where, ...scopeOf(server) });
    const url = checked(authorizationUrl);
    const finish = async () => {
      try {
        const { code, issuer } = await listener.arrived;
        await auth(provider, {
          ...where,
          authorizationCode: code,
          ...(issuer === undefined ? {} : { iss: issuer }),
        });
      } finally {
        listener.close();
      }
    };
    return { authorizationUrl: url, done: finish() };
  } catch (thrown) {
    listener.close();
    throw thrown;
  }
}

/** Where the server says that its metadata is, when asked without a token; only a place of its own counts. */
async function namedMetadata(serverUrl: string, fetchFn: FetchLike): Promise<{ resourceMetadataUrl?: URL }> {
  const { extractWWWAuthenticateParams } = await import("@modelcontextprotocol/client");
  try {
    const response = await fetchFn(serverUrl, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
      body: "{}",
    });
    const { resourceMetadataUrl: url } = extractWWWAuthenticateParams(response);
    return url?.origin === new URL(serverUrl).origin ? { resourceMetadataUrl: url } : {};
  } catch {
    // Then the well-known places are tried, and what is wrong is said there.
    return {};
  }
}

function scopeOf({ scopes }: OAuthServer): { scope?: string } {
  return scopes === null ? {} : { scope: scopes.join(" ") };
}

/** The browser gets an address that a stranger wrote, so it must be one that a browser only shows. */
function checked(url: URL | null): string {
  if (url === null) throw new Error("the server did not say where to sign in");
  const problem = addressProblem(url.href);
  if (problem !== null) throw new Error(`the place to sign in cannot be used: ${problem}`);
  return url.href;
}
