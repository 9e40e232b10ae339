import { loadConfig, type McpServerConfig, resolveHome } from "@quire/config";
import { CodedError, visibleLine } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { parseWords, wrongUse } from "../words.ts";
import { authStatus } from "./oauth-server.ts";

const OPTIONS = {
  json: { type: "boolean" },
  config: { type: "string", short: "c", multiple: true },
} as const;

/** `quire mcp list`. */
export async function listServers(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("mcp", argv, OPTIONS);
  if (positionals.length > 0) throw wrongUse("mcp", `unexpected argument ${JSON.stringify(positionals[0])}`);
  const { servers, auth } = await readServers(values.config ?? [], system);
  if (values.json) {
    system.stdout.write(
      `${JSON.stringify(
        servers.map((server) => listEntry(server, auth(server))),
        null,
        2,
      )}\n`,
    );
    return EXIT.done;
  }
  if (servers.length === 0) system.stdout.write("No MCP servers. Add one: quire mcp add NAME -- COMMAND\n");
  const width = Math.max(0, ...servers.map(({ id }) => id.length));
  for (const server of servers) {
    const state = server.enabled ? "enabled" : "disabled";
    const words = AUTH_WORDS[auth(server)];
    const signedIn = words === "" ? "" : `  (${words})`;
    system.stdout.write(`${server.id.padEnd(width)}  ${state.padEnd(8)}  ${whereText(server)}${signedIn}\n`);
  }
  return EXIT.done;
}

/** `quire mcp get`. */
export async function getServer(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("mcp", argv, OPTIONS);
  const [name, extra] = positionals;
  if (name === undefined || extra !== undefined) throw wrongUse("mcp", "give one name");
  const { servers } = await readServers(values.config ?? [], system);
  const server = servers.find(({ id }) => id === name);
  if (!server) {
    const known = servers.map(({ id }) => id).join(", ") || "none";
    throw new CodedError(
      "config_invalid",
      `there is no MCP server ${JSON.stringify(name)}; known: ${known}`,
      {
        nextStep: "See: quire mcp list, or add it: quire mcp add NAME -- COMMAND…",
      },
    );
  }
  system.stdout.write(values.json ? `${JSON.stringify(getEntry(server), null, 2)}\n` : details(server));
  return EXIT.done;
}

async function readServers(overrides: readonly string[], system: System) {
  const home = await resolveHome(system.env, system.homeDir);
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env, overrides });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const servers = Object.values(loaded.config.mcpServers);
  servers.sort((a, b) => (a.id < b.id ? -1 : 1));
  const auth = (server: McpServerConfig) => AUTH[authStatus(server, home, loaded.config)];
  return { servers, auth };
}

/** Codex's words in `mcp list --json`. */
const AUTH = {
  unknown: "unknown",
  unsupported: "unsupported",
  notLoggedIn: "not_logged_in",
  bearerToken: "bearer_token",
  oAuth: "o_auth",
} as const;

const AUTH_WORDS = {
  unknown: "",
  unsupported: "",
  not_logged_in: "not signed in",
  bearer_token: "token",
  o_auth: "signed in",
} as const;

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}

/** Field names are Codex's. */
function common(server: McpServerConfig) {
  const { transport } = server;
  return {
    name: server.id,
    enabled: server.enabled,
    disabled_reason: null,
    transport:
      transport.kind === "stdio"
        ? {
            type: "stdio",
            command: transport.command,
            args: transport.args,
            env: Object.keys(transport.env).length === 0 ? null : transport.env,
            env_vars: [],
            cwd: transport.cwd,
          }
        : {
            type: "streamable_http",
            url: transport.url,
            bearer_token_env_var: transport.bearerTokenEnvVar,
            http_headers: orNull(transport.httpHeaders),
            env_http_headers: orNull(transport.envHttpHeaders),
            http_headers_helper: null,
          },
  };
}

function orNull(record: Readonly<Record<string, string>>): Readonly<Record<string, string>> | null {
  return Object.keys(record).length === 0 ? null : record;
}

function timeouts(server: McpServerConfig) {
  return {
    startup_timeout_sec: seconds(server.startupTimeoutMs),
    tool_timeout_sec: seconds(server.toolTimeoutMs),
  };
}

function listEntry(server: McpServerConfig, auth: string) {
  return { ...common(server), ...timeouts(server), auth_status: auth };
}

function getEntry(server: McpServerConfig) {
  return {
    ...common(server),
    enabled_tools: server.enabledTools,
    disabled_tools: server.disabledTools.length === 0 ? null : server.disabledTools,
    ...timeouts(server),
    required: server.required,
  };
}

function whereText({ transport }: McpServerConfig): string {
  return visibleLine(
    transport.kind === "stdio" ? [transport.command, ...transport.args].join(" ") : transport.url,
  );
}

function details(server: McpServerConfig): string {
  const { transport } = server;
  const hidden = (names: readonly string[]) => names.map((name) => `${name}=*****`).join(", ") || "-";
  const own =
    transport.kind === "stdio"
      ? [
          ["command", transport.command],
          ["args", transport.args.join(" ") || "-"],
          ["cwd", transport.cwd ?? "-"],
          ["env", hidden(Object.keys(transport.env))],
        ]
      : [
          ["url", transport.url],
          ["bearer_token_env_var", transport.bearerTokenEnvVar ?? "-"],
          ["http_headers", hidden(Object.keys(transport.httpHeaders))],
        ];
  const rows = [
    ["enabled", String(server.enabled)],
    ["required", String(server.required)],
    ["transport", transport.kind === "stdio" ? "stdio" : "streamable_http"],
    ...own,
    ["remove", `quire mcp remove ${server.id}`],
  ];
  return `${server.id}\n${rows.map(([key, value]) => `  ${key}: ${visibleLine(value ?? "")}\n`).join("")}`;
}
