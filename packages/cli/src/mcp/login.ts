import { randomBytes } from "node:crypto";
import { loadConfig, type McpServerConfig, type QuireConfig, resolveHome } from "@quire/config";
import { type SignIn, startSignIn } from "@quire/mcp";
import { CodedError, visibleLine } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { parseWords, wrongUse } from "../words.ts";
import { openLoginStore } from "./login-store.ts";
import { oauthServer } from "./oauth-server.ts";
import { openBrowser } from "./open-browser.ts";

const WAIT_MS = 300_000;

/** `quire mcp login`. */
export async function loginToServer(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("mcp", argv, {
    "no-browser": { type: "boolean" },
    scopes: { type: "string" },
    config: { type: "string", short: "c", multiple: true },
  });
  const { name, home, config, server } = await named(positionals, values.config ?? [], system);
  const scopes = values.scopes?.split(/[,\s]+/).filter((scope) => scope !== "") ?? null;
  const signal = AbortSignal.timeout(WAIT_MS);
  const signIn = await beginSignIn(server, { home, config, scopes, signal, system });
  system.stdout.write(`Sign in to ${name} here:\n\n  ${visibleLine(signIn.authorizationUrl)}\n\n`);
  if (values["no-browser"] !== true) openBrowser(signIn.authorizationUrl, system.platform);
  await signIn.done.catch((thrown: unknown) => {
    throw refused(server.id, thrown);
  });
  system.stdout.write(`Signed in to the MCP server ${name}.\n`);
  return EXIT.done;
}

/** `quire mcp logout`. */
export async function logoutOfServer(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("mcp", argv, {
    config: { type: "string", short: "c", multiple: true },
  });
  const { name, home, config } = await named(positionals, values.config ?? [], system);
  const removed = openLoginStore(home, config.mcpOauthStore).remove(name);
  system.stdout.write(
    removed ? `Signed out of the MCP server ${name}.\n` : `Nobody was signed in to the MCP server ${name}.\n`,
  );
  return EXIT.done;
}

export interface SignInOptions {
  readonly home: string;
  readonly config: QuireConfig;
  /** Null for the configured ones. */
  readonly scopes: readonly string[] | null;
  readonly signal: AbortSignal;
  readonly system: Pick<System, "now">;
}

/** Begins to sign in. Fails with `usage_invalid` for a server that nobody signs in to, else with `mcp_server_failed`. */
export async function beginSignIn(server: McpServerConfig, options: SignInOptions): Promise<SignIn> {
  const { home, config, scopes, signal, system } = options;
  const target = oauthServer(server);
  if (target === null) {
    throw new CodedError("usage_invalid", `the MCP server ${server.id} is not one to sign in to`, {
      nextStep:
        "Only servers with a url, and without a token or an Authorization header of their own, are signed in to.",
    });
  }
  try {
    return await startSignIn(
      { ...target, scopes: scopes ?? target.scopes },
      {
        store: openLoginStore(home, config.mcpOauthStore),
        now: system.now,
        newState: () => randomBytes(32).toString("base64url"),
        callbackPort: config.mcpOauthCallbackPort ?? 0,
        signal,
      },
    );
  } catch (thrown) {
    throw refused(server.id, thrown);
  }
}

function refused(id: string, thrown: unknown): CodedError {
  const why = visibleLine(thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 500);
  return new CodedError("mcp_server_failed", `signing in to the MCP server ${id} failed: ${why}`, {
    cause: thrown,
    nextStep:
      "Look at its url in config.toml; a server that takes a token is given one with bearer_token_env_var.",
  });
}

async function named(positionals: readonly string[], overrides: readonly string[], system: System) {
  const [name, extra] = positionals;
  if (name === undefined || extra !== undefined) throw wrongUse("mcp", "give one name");
  const home = await resolveHome(system.env, system.homeDir);
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env, overrides });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const server = loaded.config.mcpServers[name];
  if (server !== undefined) return { name, home, config: loaded.config, server };
  throw new CodedError("config_invalid", `there is no MCP server ${JSON.stringify(name)}`, {
    nextStep: "See: quire mcp list",
  });
}
