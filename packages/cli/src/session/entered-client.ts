import {
  type LedgerEntry,
  type LedgerWriter,
  ledgerCost,
  ledgerUsage,
  type Purpose,
  wasRefused,
} from "@quire/ledger";
import { type Catalogue, costOf, type ModelClient, type ModelRequest } from "@quire/models";
import { CodedError, type ErrorInfo, type TokenUsage } from "@quire/protocol";
import type { System } from "../system.ts";
import { priceUsed } from "./thread-books.ts";

/** What stands in the lines of requests that no thread makes. */
export interface EnteredAs {
  readonly purpose: Purpose;
  /** What asks, such as "humaneval". */
  readonly agent: string;
  /** Stands where threads have their id. */
  readonly run: string;
}

/**
 * The same client with every request, and every failed attempt of one, in the ledger. For requests that no turn makes:
 * turns have their bill. The caller closes the ledger.
 */
export function enteredClient(
  client: ModelClient,
  as: EnteredAs,
  { ledger, catalogue, system }: { ledger: LedgerWriter; catalogue: Catalogue; system: System },
): ModelClient {
  let requests = 0;
  const enter = (
    request: ModelRequest,
    end: { attempt: number; error: ErrorInfo | null; usage: TokenUsage | null },
  ): void => {
    requests += 1;
    const { error, usage } = end;
    ledger.append({
      v: 1,
      id: `${as.run}:${requests}`,
      at: new Date(system.now()).toISOString(),
      thread: as.run,
      turn: as.run,
      project: system.cwd,
      provider: client.provider,
      model: request.model,
      effort: request.effort ?? null,
      purpose: as.purpose,
      agent: as.agent,
      tool: null,
      attempt: end.attempt,
      failed: error?.code ?? null,
      usage: usage === null ? null : ledgerUsage(usage),
      price: priceUsed(catalogue, request.model, system),
      cost: costIn(catalogue, request.model, usage, error),
    });
  };
  return {
    provider: client.provider,
    async *stream(request, options) {
      let attempt = 1;
      for await (const event of client.stream(request, options)) {
        if (event.type === "retrying") {
          enter(request, { attempt, error: event.error, usage: null });
          attempt += 1;
        }
        if (event.type === "completed")
          enter(request, { attempt, error: null, usage: event.completion.usage });
        if (event.type === "failed") enter(request, { attempt, error: event.error, usage: event.usage });
        yield event;
        if (event.type === "completed" || event.type === "failed") return;
      }
      throw new CodedError("internal", `the model client "${client.provider}" ended without saying how`);
    },
    close: () => client.close(),
  };
}

function costIn(
  catalogue: Catalogue,
  model: string,
  usage: TokenUsage | null,
  error: ErrorInfo | null,
): LedgerEntry["cost"] {
  if (usage !== null) return ledgerCost(costOf(usage, catalogue.resolveAlias(model).model));
  return error !== null && wasRefused(error) ? null : { unknown: "the endpoint gave no counts" };
}
