import type { ModelEntry } from "@quire/models";
import type { TokenUsage } from "@quire/protocol";

/** One call to a provider, for whoever keeps the books. `usage` is null where the provider did not say: unknown, not 0. */
export interface UsageRecord {
  purpose: "gateway";
  door: "responses" | "chat" | "completions";
  /** The provider's id. */
  provider: string;
  /** The id that was sent. */
  model: string;
  entry: ModelEntry;
  usage: TokenUsage | null;
  /** `cut`: the gateway or its client stopped the call, so its usage is not known. */
  outcome: "completed" | "failed" | "cut";
  /** Of the response or completion that the call belongs to. */
  responseId: string;
  /** `metadata` of the request; the caller's own tags. */
  metadata: Readonly<Record<string, string>>;
}

export type OnUsage = (record: UsageRecord) => void;
