import type { ModelRequest } from "@quire/models";
import {
  CodedError,
  type CompactionTrigger,
  type ContextCompactionItem,
  type ErrorInfo,
  type ResponseItem,
} from "@quire/protocol";
import { toModelRequest } from "../context/model-request.ts";
import { missingFrom } from "../context/turn-surroundings.ts";
import { announceTrouble } from "../turn/call-model.ts";
import type { TurnContext } from "../turn/turn-context.ts";
import { fireHooks, hookBlocked } from "../turn/turn-hooks.ts";
import { cutToBytes } from "./bytes.ts";
import type { Compactor, CompactorInput } from "./compactor.ts";
import { extractCompactor } from "./extract.ts";
import { keptBytes } from "./kept-bytes.ts";
import { type ModelCompactorDeps, modelCompactor } from "./model-summary.ts";
import { describeLeaving, isUserMessage, type SplitHistory, splitHistory } from "./replacement-history.ts";
import { summaryMessage } from "./summary-message.ts";

/** What becomes of the call that a model's summary takes. */
export interface CompactionCalls {
  /** Decides about a model's call for the summary before it is made. */
  admit: ModelCompactorDeps["admit"];
  /** Decides whether it is made again after a failed attempt, which is billed. */
  retry: ModelCompactorDeps["retry"];
  /** Bills it. */
  spend: ModelCompactorDeps["spend"];
}

/** One compaction as it is wanted. */
export interface CompactionJob extends CompactionCalls {
  trigger: CompactionTrigger;
  /** What the user asked the summary to heed, or null. */
  instructions: string | null;
}

export type CompactionOutcome =
  /** Estimated tokens of the next request. */
  | { kind: "compacted"; before: number; after: number }
  /** The history is as it was. */
  | { kind: "unchanged"; error: ErrorInfo };

/** Assumed where neither a limit nor a window is known. */
const ASSUMED_LIMIT = 128_000;

/**
 * Puts a summary in the place of the older history. What is pinned stays word for word whatever the compactor does; the
 * log keeps everything. Throws only when the turn is interrupted or the log cannot be written, and then nothing changed.
 */
export async function compactHistory(turn: TurnContext, job: CompactionJob): Promise<CompactionOutcome> {
  const { record, meter, newId } = turn.parts;
  const request = toModelRequest(turn);
  const before = meter.estimate(request);
  const context = missingFrom(turn, []);
  const bytes = keptBytes({
    tokens: targetOf(turn, job.trigger, before) - meter.estimate({ ...request, input: context }),
    bytesFor: (tokens) => meter.bytesFor(tokens),
  });
  const split = splitHistory(request.input, {
    ...bytes,
    recent: job.trigger === "manual" ? 0 : bytes.recent,
  });
  const compactor = chooseCompactor(turn, job, split);
  const started: ContextCompactionItem = {
    type: "contextCompaction",
    id: newId(),
    trigger: job.trigger,
    compactor: compactor.name,
    tokensBefore: before,
    tokensAfter: null,
    summary: null,
    leftOut: [],
    error: null,
  };
  if (split.leaving.length === 0 && split.recent.every((item) => request.input.includes(item))) {
    return { kind: "unchanged", error: nothingToCompact() };
  }
  const fields = {
    trigger: job.trigger === "manual" ? "manual" : "auto",
    custom_instructions: job.instructions,
  };
  const { stop } = await fireHooks(turn, "PreCompact", fields.trigger, fields);
  if (stop !== null) throw hookBlocked(`a PreCompact hook ended the turn: ${stop}`);
  record.itemStarted(turn.turnId, started);
  const input: CompactorInput = {
    leaving: split.leaving,
    earlier: split.earlier,
    digest: record.digest,
    instructions: job.instructions,
    request,
    maxBytes: bytes.summary,
  };
  const written = await summarise(turn, compactor, input, started);
  const history = assemble(turn, context, split, { summary: written.text, factBytes: bytes.facts });
  const after = meter.estimate({ ...request, input: history });
  const item: ContextCompactionItem = {
    ...started,
    compactor: written.by,
    tokensAfter: after,
    summary: written.text,
    leftOut: describeLeaving(split),
    error: written.error,
  };
  if (after >= before && job.trigger !== "manual") {
    const error = noGain(before);
    record.itemCompleted(turn.turnId, { ...started, error });
    return { kind: "unchanged", error };
  }
  record.compact(turn.turnId, { history, item, requestsLeftOut: split.usersLeftOut });
  await fireHooks(turn, "PostCompact", fields.trigger, fields);
  return { kind: "compacted", before, after };
}

/** Tokens of a request that holds only what no compaction can take away. */
export function leastRequest(turn: TurnContext): number {
  const { record, meter } = turn.parts;
  const request = toModelRequest(turn);
  const context = missingFrom(turn, []);
  const newest = request.input.findLast(isUserMessage);
  const facts = summaryMessage({ plan: record.plan, digest: record.digest, running: [] }, "", 0);
  return meter.estimate({ ...request, input: [...context, ...(newest ? [newest] : []), facts] });
}

function targetOf(turn: TurnContext, trigger: CompactionTrigger, before: number): number {
  const { compaction, contextWindow } = turn.settings;
  const limit = compaction.limit ?? contextWindow ?? ASSUMED_LIMIT;
  return trigger === "contextTooLong" ? Math.min(limit, Math.floor(before / 2)) : limit;
}

/** A history that an endpoint has just refused cannot be read by its model either. */
function chooseCompactor(turn: TurnContext, job: CompactionJob, split: SplitHistory): Compactor {
  const { compaction, contextWindow } = turn.settings;
  const { compactors = [], client, meter } = turn.parts;
  if (job.trigger === "contextTooLong" || split.leaving.length === 0) return extractCompactor;
  const own = compactors.find(({ name }) => name === compaction.compactor);
  if (own) return own;
  if (compaction.compactor !== "model") return extractCompactor;
  return modelCompactor({
    onEvent: (event) => announceTrouble(turn, event),
    stream: (request, options) => client.stream(request, options),
    admit: job.admit,
    retry: job.retry,
    spend: job.spend,
    contextWindow,
    estimate: (request: ModelRequest) => meter.estimate(request),
    prompt: compaction.prompt,
    timeLimitMs: compaction.timeLimitMs,
  });
}

interface WrittenSummary {
  text: string;
  by: string;
  /** Why the wanted compactor did not write it. */
  error: ErrorInfo | null;
}

async function summarise(
  turn: TurnContext,
  compactor: Compactor,
  input: CompactorInput,
  started: ContextCompactionItem,
): Promise<WrittenSummary> {
  const { record } = turn.parts;
  const outcome = await compactor.summarise(input, { signal: turn.signal });
  if (turn.signal.aborted) {
    const interrupted = new CodedError("interrupted", "the compaction was interrupted; nothing was changed");
    record.itemCompleted(turn.turnId, { ...started, error: interrupted.info });
    throw interrupted;
  }
  const bounded = (text: string) => cutToBytes(record.redact(text.trim()), input.maxBytes);
  if (outcome.kind === "summary") return { text: bounded(outcome.text), by: compactor.name, error: null };
  const instead = await extractCompactor.summarise(input, { signal: turn.signal });
  if (instead.kind === "failed") throw new CodedError("internal", instead.error.message);
  return { text: bounded(instead.text), by: extractCompactor.name, error: outcome.error };
}

/** The new history: surroundings, the user's words, what the rest amounts to, and the last rounds. */
function assemble(
  turn: TurnContext,
  context: readonly ResponseItem[],
  split: SplitHistory,
  words: { summary: string; factBytes: number },
): ResponseItem[] {
  const { record } = turn.parts;
  const left = record.digest.requestsLeftOut + split.usersLeftOut;
  const facts = {
    plan: record.plan,
    digest: { ...record.digest, requestsLeftOut: left },
    running: record.runningCommands,
  };
  const summary = summaryMessage(facts, words.summary, words.factBytes);
  return [...context, ...split.users, summary, ...split.recent];
}

function nothingToCompact(): ErrorInfo {
  return {
    code: "usage_invalid",
    message: "there is nothing to compact: the context holds only what stays word for word",
    retryable: false,
  };
}

function noGain(tokens: number): ErrorInfo {
  return {
    code: "context_too_small",
    message: `compaction would not make the request of about ${tokens} tokens any smaller, so nothing was changed`,
    retryable: false,
  };
}
