import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Serve OpenAI's API on this machine over any configured provider.

Usage: quire gateway [OPTIONS]

Options:
      --port N            0, the default, takes a free one
      --host ADDRESS      default 127.0.0.1; others need a token of your own and --allow-host
      --provider ID       takes requests whose model names no provider (config: model_provider)
  -m, --model MODEL       for requests that name none, and first in the list of models
      --alias OLD=MODEL   serve a model under another name, for example one that was shut down; may be repeated
      --no-bridge         refuse models at endpoints that their publisher does not serve them at
      --token-env NAME    the environment variable that holds the token for clients
      --token-file FILE   or a file that only you can read; without either, gateway-token in the Quire home
      --files-root DIR    let requests name files below this folder
      --allow-host NAME   a further name in Host headers; may be repeated
      --allow-origin URL  a web page's origin that may call; may be repeated
      --json              say as one line of JSON where it listens
  -c, --config KEY=VALUE  override a configuration value; may be repeated

Clients take the address as their base URL and the token as their API key. docs/gateway.md says what is served.
`;

/** `quire gateway`. */
export async function runGateway(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("gateway", argv, {
    help: { type: "boolean", short: "h" },
    port: { type: "string" },
    host: { type: "string" },
    provider: { type: "string" },
    model: { type: "string", short: "m" },
    alias: { type: "string", multiple: true },
    "no-bridge": { type: "boolean" },
    "token-env": { type: "string" },
    "token-file": { type: "string" },
    "files-root": { type: "string" },
    "allow-host": { type: "string", multiple: true },
    "allow-origin": { type: "string", multiple: true },
    json: { type: "boolean" },
    config: { type: "string", short: "c", multiple: true },
  });
  if (values.help) return showHelp(HELP, system);
  if (positionals.length > 0)
    throw wrongUse("gateway", `unexpected argument ${JSON.stringify(positionals[0])}`);
  if (values["token-env"] !== undefined && values["token-file"] !== undefined) {
    throw wrongUse("gateway", "give --token-env or --token-file, not both");
  }
  const { serveGateway } = await import("../gateway/serve-gateway.ts");
  return serveGateway(
    {
      host: values.host ?? "127.0.0.1",
      port: portOf(values.port ?? "0"),
      provider: values.provider ?? null,
      model: values.model ?? null,
      tokenEnv: values["token-env"] ?? null,
      tokenFile: values["token-file"] ?? null,
      hosts: (values["allow-host"] ?? []).map((host) => host.toLowerCase()),
      origins: values["allow-origin"] ?? [],
      aliases: aliasesOf(values.alias ?? []),
      filesRoot: values["files-root"] ?? null,
      bridge: !values["no-bridge"],
      json: values.json ?? false,
      overrides: values.config ?? [],
    },
    system,
  );
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw wrongUse("gateway", `--port takes a number from 0 to 65535, not ${JSON.stringify(text)}`);
}

function aliasesOf(words: readonly string[]): Map<string, string> {
  return new Map(
    words.map((word) => {
      const at = word.indexOf("=");
      if (at > 0 && at < word.length - 1) return [word.slice(0, at), word.slice(at + 1)];
      throw wrongUse("gateway", `--alias takes OLD=MODEL, not ${JSON.stringify(word)}`);
    }),
  );
}
