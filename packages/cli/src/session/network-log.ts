import fs from "node:fs";
import path from "node:path";
import { visibleLine } from "@quire/protocol";
import { createAuditLog, type NetworkHooks } from "@quire/sandbox";
import type { System } from "../system.ts";

/** Keeps every decision of the network proxy and shows the refusals on stderr. */
export function openNetworkLog(home: string, system: System): { hooks: NetworkHooks; close: () => void } {
  const folder = path.join(home, "log");
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = createAuditLog({ file: path.join(folder, "network.jsonl"), now: system.now });
  return {
    hooks: {
      onDecision(decision) {
        log.write(decision);
        if (decision.verdict === "allow") return;
        const { host, port, rule } = decision;
        system.stderr.write(
          `quire sandbox: network: ${visibleLine(host)}:${port} refused (${visibleLine(rule)})\n`,
        );
      },
    },
    close: () => log.close(),
  };
}
