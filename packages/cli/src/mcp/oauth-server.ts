import type { McpServerConfig, QuireConfig } from "@quire/config";
import { type OAuthServer, readLogin } from "@quire/mcp";
import type { McpAuthStatus } from "@quire/protocol/app-server";
import { openLoginStore } from "./login-store.ts";

/** What signing in to a server needs of its configuration; null for one that nobody signs in to. */
export function oauthServer({ id, transport }: McpServerConfig): OAuthServer | null {
  if (transport.kind !== "http" || transport.bearerTokenEnvVar !== null) return null;
  const named = [...Object.keys(transport.httpHeaders), ...Object.keys(transport.envHttpHeaders)];
  // A configured header is the user's own way to sign in.
  if (named.some((name) => name.toLowerCase() === "authorization")) return null;
  return {
    id,
    url: transport.url,
    scopes: transport.scopes,
    clientId: transport.oauthClientId,
    resource: transport.oauthResource,
  };
}

/** How a server is signed in to, as far as it is known without asking it. */
export function authStatus(config: McpServerConfig, home: string, quire: QuireConfig): McpAuthStatus {
  const { transport } = config;
  if (transport.kind === "stdio") return "unsupported";
  const server = oauthServer(config);
  if (server === null) return "bearerToken";
  const login = readLogin(openLoginStore(home, quire.mcpOauthStore), server.id, server.url);
  return login?.tokens == null ? "notLoggedIn" : "oAuth";
}
