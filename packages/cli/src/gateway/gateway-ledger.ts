import type { OnUsage } from "@quire/gateway";
import { type LedgerEntry, ledgerCost, ledgerUsage, openLedger } from "@quire/ledger";
import { type Catalogue, costOf } from "@quire/models";
import { OFFLINE_MODEL } from "../session/model/model-choice.ts";
import { localDate } from "../session/surroundings.ts";
import { priceUsed } from "../session/thread-books.ts";
import type { System } from "../system.ts";

/** Enters every call that the gateway makes; the response's id stands where threads have theirs. */
export function gatewayLedger(
  home: string,
  catalogue: Catalogue,
  system: System,
): { onUsage: OnUsage; close: () => void } {
  const ledger = openLedger(home);
  let entries = 0;
  return {
    onUsage({ provider, model, usage, outcome, responseId, door }) {
      entries += 1;
      const cost: LedgerEntry["cost"] =
        usage === null
          ? { unknown: outcome === "cut" ? "the call was cut off" : "the endpoint gave no counts" }
          : model === OFFLINE_MODEL
            ? ledgerCost({ kind: "known", usd: 0, priced_as_of: localDate(system) })
            : ledgerCost(costOf(usage, catalogue.resolveAlias(model).model));
      ledger.append({
        v: 1,
        id: `${responseId}:${entries}`,
        at: new Date(system.now()).toISOString(),
        thread: responseId,
        turn: responseId,
        project: system.cwd,
        provider,
        model,
        purpose: "gateway",
        agent: door,
        tool: null,
        attempt: 1,
        failed: outcome === "failed" ? "model_server_error" : null, // the record says no more than that it failed
        usage: usage === null ? null : ledgerUsage(usage),
        price: priceUsed(catalogue, model, system),
        cost,
      });
    },
    close: () => ledger.close(),
  };
}
