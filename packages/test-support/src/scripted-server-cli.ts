import { readFile, rename, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { parseScenario } from "./scenario-file.ts";
import { type ScriptedServer, scriptedResponses } from "./scripted-server.ts";

const USAGE = `Usage: scripted-server-cli --scenario FILE [--port N] [--port-file FILE] [--record FILE]

Serves the scenario on 127.0.0.1 until SIGTERM or SIGINT.
  --port-file   gets the port number once the server listens
  --record      gets, at the end, one JSON line for each request: path, headers, body
`;

/** The scripted server as a process, for benchmarks and for trying things by hand. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      scenario: { type: "string" },
      port: { type: "string" },
      "port-file": { type: "string" },
      record: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help || values.scenario === undefined) {
    process.stderr.write(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const { steps, options } = parseScenario(await readFile(values.scenario, "utf8"));
  const server = await scriptedResponses(steps, { ...options, port: Number(values.port ?? 0) });
  if (values["port-file"] !== undefined) await writeWhole(values["port-file"], String(server.port));
  process.stderr.write(`scripted model server: ${server.url}\n`);
  await new Promise<void>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  await server.close();
  if (values.record !== undefined) await writeWhole(values.record, recordOf(server));
}

function recordOf(server: ScriptedServer): string {
  return server.requests
    .map(({ path, headers, body, atMs }) => `${JSON.stringify({ path, atMs, headers, body })}\n`)
    .join("");
}

/** Whoever polls for the file must never read half of it. */
async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}

await main();
