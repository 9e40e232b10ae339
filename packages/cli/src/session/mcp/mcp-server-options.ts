import type { McpServerConfig } from "@quire/config";
import { isWorthHiding, type Redactor, secretsOfEnvironment } from "@quire/core";
import type { McpServerOptions, McpTransportOptions, TokenSource } from "@quire/mcp";

/** A configured server with its tokens looked up in the environment. The redactor learns every one of them. */
export function serverOptions(
  config: McpServerConfig,
  env: Readonly<Record<string, string | undefined>>,
  redactor: Redactor,
  tokens: TokenSource | undefined,
): McpServerOptions {
  const { id, transport, startupTimeoutMs, toolTimeoutMs, enabledTools, disabledTools } = config;
  return {
    id,
    enabled: config.enabled,
    required: config.required,
    startupTimeoutMs: startupTimeoutMs ?? undefined,
    toolTimeoutMs: toolTimeoutMs ?? undefined,
    enabledTools: enabledTools ?? undefined,
    disabledTools,
    sampling: config.sampling === "ask",
    transport: withTokens(transportOptions(transport, env, redactor), tokens),
  };
}

function withTokens(transport: McpTransportOptions, tokens: TokenSource | undefined): McpTransportOptions {
  return transport.kind === "http" ? { ...transport, tokens } : transport;
}

function transportOptions(
  transport: McpServerConfig["transport"],
  env: Readonly<Record<string, string | undefined>>,
  redactor: Redactor,
): McpServerOptions["transport"] {
  if (transport.kind === "stdio") {
    const { command, args, cwd } = transport;
    for (const secret of secretsOfEnvironment(transport.env)) redactor.learn(secret);
    return { kind: "stdio", argv: [command, ...args], cwd, env: transport.env };
  }
  const { url, bearerTokenEnvVar, httpHeaders, envHttpHeaders } = transport;
  const headers: Record<string, string> = { ...httpHeaders };
  for (const [name, variable] of Object.entries(envHttpHeaders)) {
    const value = env[variable];
    if (value === undefined) continue;
    headers[name] = value;
    if (isWorthHiding(value)) redactor.learn({ name: variable, value });
  }
  const token = bearerTokenEnvVar === null ? undefined : env[bearerTokenEnvVar];
  if (bearerTokenEnvVar !== null && token !== undefined) {
    if (isWorthHiding(token)) redactor.learn({ name: bearerTokenEnvVar, value: token });
    headers.Authorization = `Bearer ${token}`;
  }
  return { kind: "http", url, headers };
}
