import type { OAuthClientProvider, OAuthDiscoveryState } from "@modelcontextprotocol/client";
import { type McpLogin, type McpLoginStore, readLogin, writeLogin } from "./login-record.ts";

export interface OAuthServer {
  readonly id: string;
  readonly url: string;
  /** Null asks for what the server suggests. */
  readonly scopes: readonly string[] | null;
  /** Of a client that the authorization server knows already; null registers one. */
  readonly clientId: string | null;
  /** What tokens are asked for; null for what the server names, which must be itself. */
  readonly resource: string | null;
}

export interface ProviderParts {
  readonly server: OAuthServer;
  readonly store: McpLoginStore;
  readonly now: () => number;
  /** Where the browser comes back to. */
  readonly redirectUrl: string;
  /** What comes back with it. */
  readonly state: string;
  /** Sends the person to sign in; throws where nobody is there for it. */
  readonly onAuthorize: (url: URL) => void;
  /** Begins anew, without what is kept. */
  readonly anew: boolean;
}

/** The library's view of what we keep. One for each attempt to sign in, or to renew a token. */
export function loginProvider(parts: ProviderParts): OAuthClientProvider {
  const { server, store, now, redirectUrl, state, onAuthorize } = parts;
  const kept = parts.anew ? null : readLogin(store, server.id, server.url);
  let client: McpLogin["client"] | undefined =
    kept?.client ?? (server.clientId === null ? undefined : { client_id: server.clientId });
  let tokens = kept?.tokens ?? undefined;
  let verifier = "";
  let discovery: OAuthDiscoveryState | undefined;
  const scope = server.scopes?.join(" ");
  return {
    redirectUrl,
    clientMetadata: {
      client_name: "Quire",
      redirect_uris: [redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      ...(scope === undefined ? {} : { scope }),
    },
    state: () => state,
    clientInformation: () => client,
    saveClientInformation(information) {
      client = { ...information };
    },
    tokens: () => tokens,
    saveTokens(fresh) {
      // An authorization server that gives no new refresh token means the old one to go on.
      const refresh = fresh.refresh_token ?? tokens?.refresh_token;
      tokens = { ...fresh, ...(refresh === undefined ? {} : { refresh_token: refresh }) };
      writeLogin(store, server.id, {
        version: 1,
        serverUrl: server.url,
        client: client ?? { client_id: "" },
        tokens,
        expiresAtMs: fresh.expires_in === undefined ? null : now() + fresh.expires_in * 1000,
      });
    },
    // What is kept stays until somebody signs in again; for this attempt it counts no more.
    invalidateCredentials(scope) {
      if (scope === "all" || scope === "tokens") tokens = undefined;
    },
    redirectToAuthorization: onAuthorize,
    saveCodeVerifier(value) {
      verifier = value;
    },
    codeVerifier: () => verifier,
    ...(server.resource === null ? {} : { validateResourceURL: async () => new URL(server.resource ?? "") }),
    discoveryState: () => discovery,
    saveDiscoveryState(found) {
      discovery = found;
    },
  };
}
