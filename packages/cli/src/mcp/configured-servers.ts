import type { McpStatusOptions } from "@quire/app-server";
import type { McpServerStatus } from "@quire/protocol/app-server";
import { type EngineBase, readConfig } from "../engine/thread-config.ts";
import { openMcpOffers } from "../session/mcp/mcp-offers.ts";
import { statusOf } from "./server-status.ts";

/** The configured servers outside of any thread; none is started for it. */
export async function configuredServers(
  base: EngineBase,
  { server }: McpStatusOptions,
): Promise<McpServerStatus[]> {
  const { home, system } = base;
  const loaded = await readConfig(base, system.cwd, []);
  const offers = openMcpOffers({ home, pid: system.pid, now: system.now });
  const wanted = Object.values(loaded.config.mcpServers).filter(({ id }) => server === null || id === server);
  return Promise.all(wanted.map((config) => statusOf(config, { home, loaded }, offers, null)));
}
