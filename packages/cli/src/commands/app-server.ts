import { parseArgs } from "node:util";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { showHelp, wrongUse } from "../words.ts";

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  listen: { type: "string" },
  "ws-token-file": { type: "string" },
  "ws-allow-origin": { type: "string", multiple: true },
  config: { type: "string", short: "c", multiple: true },
  enable: { type: "string", multiple: true },
  disable: { type: "string", multiple: true },
  out: { type: "string", short: "o" },
  experimental: { type: "boolean" },
} as const;

const HELP = `Serve editors, SDKs and other clients over JSON-RPC.

Usage: quire app-server [--listen URL] [-c KEY=VALUE]
       quire app-server generate-ts --out DIR
       quire app-server generate-json-schema --out DIR

Options:
      --listen URL          stdio:// (default), unix://PATH, or ws://IP:PORT
      --ws-token-file FILE  the token that WebSocket clients must send, in a file that only you can read
                            (without it: QUIRE_APP_SERVER_TOKEN, else a new token in the Quire home)
      --ws-allow-origin O   a web page's origin that may connect; may be repeated
  -c, --config KEY=VALUE    override a configuration value for every thread; may be repeated

A frame is one line of JSON (stdio, unix) or one text message (WebSocket). packages/app-server/README.md lists the methods.
`;

/** `quire app-server`: the door for other programs. */
export async function runAppServer(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parse(argv);
  if (values.help) return showHelp(HELP, system);
  const [command, ...extra] = positionals;
  if (extra.length > 0) throw wrongUse("app-server", `unexpected argument ${JSON.stringify(extra[0])}`);
  if (command === "generate-ts" || command === "generate-json-schema") {
    if (values.out === undefined) throw wrongUse("app-server", `${command} needs --out DIR`);
    const { writeSchemas } = await import("../app-server/write-schemas.ts");
    await writeSchemas(command, values.out, system);
    return EXIT.done;
  }
  if (command !== undefined)
    throw wrongUse("app-server", `there is no app-server command ${JSON.stringify(command)}`);
  const { serve } = await import("../app-server/serve.ts");
  return serve(
    {
      listen: values.listen ?? "stdio://",
      tokenFile: values["ws-token-file"] ?? null,
      origins: values["ws-allow-origin"] ?? [],
      overrides: values.config ?? [],
    },
    system,
  );
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (cause) {
    throw wrongUse(
      "app-server",
      cause instanceof Error ? (cause.message.split(". ")[0] ?? "") : String(cause),
      cause,
    );
  }
}
