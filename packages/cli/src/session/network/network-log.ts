import fs from "node:fs";
import path from "node:path";
import { visibleLine } from "@quire/protocol";
import { type AuditLog, createAuditLog, type NetworkHooks } from "@quire/sandbox";
import type { System } from "../../system.ts";

/** Where every decision of a network proxy is kept: `log/network.jsonl` in the home. */
export type NetworkAudit = AuditLog;

/** Nothing is made on disk before the first decision. */
export function openNetworkAudit(home: string, system: Pick<System, "now">): NetworkAudit {
  const folder = path.join(home, "log");
  const log = createAuditLog({ file: path.join(folder, "network.jsonl"), now: system.now });
  let ready = false;
  return {
    write(decision, context) {
      if (!ready) fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
      ready = true;
      log.write(decision, context);
    },
    close: () => log.close(),
  };
}

/** Keeps every decision of the network proxy and shows the refusals on stderr. */
export function openNetworkLog(home: string, system: System): { hooks: NetworkHooks; close: () => void } {
  const audit = openNetworkAudit(home, system);
  return {
    hooks: {
      onDecision(decision) {
        audit.write(decision);
        if (decision.verdict === "allow") return;
        const { host, port, rule } = decision;
        system.stderr.write(
          `quire sandbox: network: ${visibleLine(host)}:${port} refused (${visibleLine(rule)})\n`,
        );
      },
    },
    close: () => audit.close(),
  };
}
