import { loadConfig, resolveHome } from "@quire/config";
import { CodedError, visibleLine } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { openMcpOffers } from "../session/mcp/mcp-offers.ts";
import { openMcpPins } from "../session/mcp/mcp-pins.ts";
import type { System } from "../system.ts";
import { parseWords, wrongUse } from "../words.ts";

/** `quire mcp approve`: agrees to tools as the server described them when it last ran, and shows what is agreed to. */
export async function approveServer(argv: readonly string[], system: System): Promise<number> {
  const { positionals } = parseWords("mcp", argv, { config: { type: "string", short: "c", multiple: true } });
  const [name, extra] = positionals;
  if (name === undefined || extra !== undefined) throw wrongUse("mcp", "give one name");
  const home = await resolveHome(system.env, system.homeDir);
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const config = loaded.config.mcpServers[name];
  if (config === undefined) {
    throw new CodedError("config_invalid", `there is no MCP server ${JSON.stringify(name)}`, {
      nextStep: "See: quire mcp list",
    });
  }
  const { pid, now } = system;
  const offer = openMcpOffers({ home, pid, now }).read(config, { fresh: false });
  if (offer === null) {
    system.stdout.write(`What the MCP server ${name} offers is not known: it has not run yet.\n`);
    return EXIT.done;
  }
  const pins = openMcpPins({ home, pid });
  pins.compare([{ config, tools: offer.tools }]);
  const changed = offer.tools.filter((tool) => pins.changeOf(name, tool.name) !== null);
  if (changed.length === 0) system.stdout.write(`No tool of the MCP server ${name} has changed.\n`);
  for (const tool of changed) {
    const diff = pins.changeOf(name, tool.name) ?? "";
    system.stdout.write(`Agreed to ${visibleLine(tool.name)} as it is now:\n${diff}\n`);
    pins.agree(name, tool.name);
  }
  return EXIT.done;
}
