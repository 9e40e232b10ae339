import type { ThreadMcp } from "@quire/app-server";
import type { McpServers } from "@quire/mcp";
import type { McpOffers } from "../session/mcp/mcp-offers.ts";
import type { SessionRequest } from "../session/session-request.ts";
import { statusOf } from "./server-status.ts";

interface Running {
  readonly request: SessionRequest;
  readonly servers: McpServers;
  readonly offers: McpOffers;
}

/** What clients may do with the servers of a thread, which may be others from turn to turn. */
export function mcpDoor(current: () => Running): ThreadMcp {
  return {
    async status({ server, full }, signal) {
      const { request, servers, offers } = current();
      const { mcpServers } = request.loaded.config;
      const wanted = servers.status().filter(({ id }) => server === null || id === server);
      return Promise.all(
        wanted.flatMap((status) => {
          const config = mcpServers[status.id];
          return config === undefined
            ? []
            : [statusOf(config, request, offers, { status, servers, full, signal })];
        }),
      );
    },
    read: (server, uri, signal) => current().servers.read(server, uri, { signal }),
    call: (server, tool, args, signal) => current().servers.call(server, tool, args, { signal }),
  };
}
