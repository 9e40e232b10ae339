import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { McpServerConfig } from "@quire/config";
import type { McpServerOffer } from "@quire/mcp";
import * as z from "zod/mini";

const OfferSchema = z.object({
  version: z.literal(1),
  savedAtMs: z.number(),
  offer: z.object({
    tools: z.array(
      z.object({
        server: z.string(),
        name: z.string(),
        description: z.string(),
        inputSchema: z.record(z.string(), z.unknown()),
        readOnly: z.boolean(),
      }),
    ),
    facts: z.object({
      name: z.string(),
      version: z.string(),
      capabilities: z.record(z.string(), z.unknown()),
    }),
  }),
});

/** After this a server is started again to ask what it offers now. */
const MAX_AGE_MS = 24 * 60 * 60 * 1000;
const MAX_BYTES = 4 * 1024 * 1024;

/** What servers offered when they last ran, in `cache/mcp` of the home. Losing it costs a start and nothing else. */
export interface McpOffers {
  /** Null when it is unknown; with `fresh`, also when it is older than a day. */
  read(config: McpServerConfig, options: { fresh: boolean }): McpServerOffer | null;
  write(config: McpServerConfig, offer: McpServerOffer): void;
}

export function openMcpOffers(deps: { home: string; pid: number; now: () => number }): McpOffers {
  const fileOf = (config: McpServerConfig) => path.join(deps.home, "cache", "mcp", `${keyOf(config)}.json`);
  return {
    read(config, { fresh }) {
      try {
        const parsed = OfferSchema.safeParse(JSON.parse(fs.readFileSync(fileOf(config), "utf8")));
        if (!parsed.success) return null;
        const { offer, savedAtMs } = parsed.data;
        const age = deps.now() - savedAtMs;
        return fresh && (age < 0 || age > MAX_AGE_MS) ? null : offer;
      } catch {
        // None yet, or not readable any more.
        return null;
      }
    },
    write(config, offer) {
      const file = fileOf(config);
      const text = JSON.stringify({ version: 1, savedAtMs: deps.now(), offer });
      if (text.length > MAX_BYTES) return;
      try {
        fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
        const staged = `${file}.${deps.pid}`;
        fs.writeFileSync(staged, text, { mode: 0o600 });
        fs.renameSync(staged, file);
      } catch {
        // A cache that cannot be written makes the next thread wait, as the first did.
      }
    },
  };
}

/** Another program, address, environment or choice of tools is another server. */
function keyOf({ id, transport, enabledTools, disabledTools }: McpServerConfig): string {
  return createHash("sha256")
    .update(JSON.stringify([id, transport, enabledTools, disabledTools]))
    .digest("hex")
    .slice(0, 32);
}
