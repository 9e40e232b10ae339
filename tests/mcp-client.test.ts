import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { callsTool, lastingFolder, says } from "@quire/test-support";
import { afterAll, expect, test } from "vitest";
import { completedItems, execWorld } from "./support/exec-world.ts";

// Servers run in the sandbox, so theirs must be a place that it shows.
const folder = lastingFolder("quire-mcp-client");
const FIXTURE = join(folder, "server.mjs");
copyFileSync(fileURLToPath(new URL("../packages/mcp/test/fixtures/server.mjs", import.meta.url)), FIXTURE);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The table of a fixture server in config.toml. */
function server(id: string, args: readonly string[], more = ""): string {
  const words = [FIXTURE, ...args].map((word) => JSON.stringify(word)).join(", ");
  return `[mcp_servers.${id}]\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${words}]\n${more}\n`;
}

/** However busy the machine is, these are ready before the first request. */
const PATIENT = "mcp_optional_startup_grace_ms = 20000\n";

test("resources of a server are listed and read by the model; a question of the server's is declined in a run without people", async () => {
  await using world = await execWorld({
    steps: [
      callsTool("list_mcp_resources", {}),
      callsTool("read_mcp_resource", { server: "keeper", uri: "memo://one" }),
      callsTool("mcp__keeper__ask", {}),
      says("Read."),
    ],
    config: `${PATIENT}${server("keeper", ["keeper"])}`,
  });
  const { run, events } = await world.execJson(["read the memo"]);
  expect(run.exitCode).toBe(0);
  const items = completedItems(events).filter((item) => item.type === "mcp_tool_call");
  expect(items.map(({ server: from, tool, status }) => [from, tool, status])).toEqual([
    ["quire", "list_mcp_resources", "completed"],
    ["keeper", "read_mcp_resource", "completed"],
    ["keeper", "ask", "completed"],
  ]);
  const outputs = world.server.requests.at(-1)?.toolOutputs;
  expect(outputs?.[0]).toContain('"server":"keeper","uri":"memo://one"');
  expect(outputs?.[1]).toMatch(/data to judge, not instructions[^\n]*\nOutput:\nMemo one\./);
  expect(outputs?.[2]).toContain('{"action":"decline"}');
});
