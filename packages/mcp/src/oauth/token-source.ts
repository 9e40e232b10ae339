import { guardedFetch } from "./guarded-fetch.ts";
import { loginProvider, type OAuthServer } from "./login-provider.ts";
import { type McpLogin, type McpLoginStore, readLogin } from "./login-record.ts";

/** Gives a transport the token of a server that was signed in to, and renews it. */
export interface TokenSource {
  /** Undefined when nobody has signed in. Called before every request. */
  token(): Promise<string | undefined>;
  /** The server did not take the token. Rejects when only a person can help. */
  onUnauthorized(): Promise<void>;
}

export interface TokenDeps {
  readonly store: McpLoginStore;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Told every token before it is used, so that it can be kept out of logs. */
  readonly onToken: (token: string) => void;
}

/** A token is renewed this long before it ends. */
const EARLY_MS = 30_000;

export function tokenSource(server: OAuthServer, deps: TokenDeps): TokenSource {
  let used: string | undefined;
  let renewing: Promise<void> | null = null;

  async function renew(): Promise<void> {
    const { auth } = await import("@modelcontextprotocol/client");
    const provider = loginProvider({
      server,
      store: deps.store,
      now: deps.now,
      // Never gone to: without a person there is only renewal.
      redirectUrl: "http://127.0.0.1/callback",
      state: "",
      anew: false,
      onAuthorize: () => {
        throw new Error(signInHint(server.id));
      },
    });
    const fetchFn = await guardedFetch(server.url, deps.signal);
    await auth(provider, { serverUrl: server.url, fetchFn });
  }

  /** Calls that run beside each other renew once; a refresh token may be good for one use only. */
  function renewOnce(): Promise<void> {
    renewing ??= renew().finally(() => {
      renewing = null;
    });
    return renewing;
  }

  /** Read when it is needed anew: where it is kept may be slow. */
  let login: McpLogin | null | undefined;
  const readAgain = () => {
    login = readLogin(deps.store, server.id, server.url);
    return login;
  };

  return {
    async token() {
      let current = login === undefined ? readAgain() : login;
      const isOver = current?.expiresAtMs != null && current.expiresAtMs - EARLY_MS < deps.now();
      if (isOver && current?.tokens?.refresh_token !== undefined) {
        // If that fails the server says no to the old token, and then the reason is told.
        await renewOnce().catch(() => undefined);
        current = readAgain();
      }
      used = current?.tokens?.access_token;
      if (used !== undefined) deps.onToken(used);
      return used;
    },
    async onUnauthorized() {
      const kept = readAgain();
      if (kept === null) throw new Error(signInHint(server.id));
      // Another process may have renewed it meanwhile.
      if (kept.tokens?.access_token !== used) return;
      if (kept.tokens?.refresh_token === undefined) throw new Error(signInHint(server.id));
      await renewOnce();
      readAgain();
    },
  };
}

function signInHint(id: string): string {
  return `it wants you to sign in: quire mcp login ${id}`;
}
