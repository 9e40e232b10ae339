import type { ModelRequest } from "@quire/models";
import type { ErrorInfo, ResponseItem, ThreadDigest } from "@quire/protocol";

/** What a compactor sums up. */
export interface CompactorInput {
  /** The items that are going to leave the context, oldest first. Earlier summaries are not among them. */
  readonly leaving: readonly ResponseItem[];
  /** What the last summary said, or null. A person may have changed it. */
  readonly earlier: string | null;
  readonly digest: ThreadDigest;
  /** What the user asked the summary to heed, or null. */
  readonly instructions: string | null;
  /** The request that would be made without compaction. */
  readonly request: ModelRequest;
  /** Bytes that the summary may take; what is longer is cut. */
  readonly maxBytes: number;
}

export type CompactorOutcome = { kind: "summary"; text: string } | { kind: "failed"; error: ErrorInfo };

/**
 * Writes the words that take the place of older history. What must survive word for word is none of its business: that is
 * kept by the harness, whatever a compactor does (`replacement-history.ts`).
 */
export interface Compactor {
  /** As in the configuration key `compactor`. */
  readonly name: string;
  /** Does not throw for what endpoints do; a compactor that fails gives way to `extract`. */
  summarise(input: CompactorInput, options: { signal: AbortSignal }): Promise<CompactorOutcome>;
}
